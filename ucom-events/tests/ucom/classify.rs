//! Classification of single events: a truth table.

use ucom_events::{Directory, Policy, classify};

use crate::support::extension_event;

const IVAN: &str = "%2B79215550142";

struct Row {
    name: &'static str,
    body: String,
    strict: bool,
    with_directory: bool,
    code: &'static str,
    party: Option<&'static str>,
    reason: Option<&'static str>,
    withheld: bool,
}

fn row(name: &'static str, body: &str, code: &'static str, party: &'static str, rule: &str) -> Row {
    let reason = match (rule, code) {
        ("V15", _) => Some("remote_number"),
        ("R27", _) => Some("internal_forward"),
        ("R26", "internal") => Some("both_ours"),
        ("R26", _) => Some("outside_caller"),
        ("V5", _) => Some("to_extension"),
        ("D24", _) => Some("feature_code"),
        ("V6", _) => Some("outside_called"),
        _ => None,
    };
    Row {
        name,
        body: format!("CallID=c&{}", body.replace("IVAN", IVAN)),
        strict: false,
        with_directory: false,
        code,
        party: (!party.is_empty()).then_some(party),
        reason,
        withheld: false,
    }
}

impl Row {
    fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    fn withheld(self) -> Self {
        Self { withheld: true, ..self }
    }

    fn with_directory(self) -> Self {
        Self { with_directory: true, ..self }
    }
}

fn rows() -> Vec<Row> {
    let ids = "CallerExtensionID=33335&CalledExtensionID=33336";
    let t2 = format!("EventType=dial-in&CallerIDNum=453*106&CalledNumber=453*107&{ids}");
    let t4 =
        format!("EventType=dial-out&CallerIDNum=IVAN&CalledNumber=453*107&Transfered=yes&{ids}");
    let t6 = format!("{t2}&RemoteNumber=IVAN");
    let t8 = format!("EventType=dial-in&CallerIDNum=106&CalledNumber=453*107&{ids}");
    let t9 = "EventType=dial-out&CallerIDNum=453*106&CalledNumber=453*107&Transfered=yes\
              &CallerExtensionID=33335&CalledExtensionID=abc";
    let t10 =
        format!("EventType=dial-out&CallerIDNum=IVAN&CalledNumber=453*107&Transfered=no&{ids}");
    let outside_forward = format!(
        "EventType=dial-out&CallerIDNum=IVAN&CalledNumber=%2B79215550188&Transfered=yes&{ids}"
    );
    let queue = "EventType=dial-in&CallerIDNum=IVAN&CalledNumber=453*106&CallFlow=OUT";
    vec![
        row(
            "T1",
            "EventType=dial-in&CallerIDNum=IVAN&CalledNumber=453*106&CallerExtensionID=33330\
             &CalledExtensionID=33335",
            "external",
            "+79215550142",
            "R26",
        ),
        row("T2", &t2, "internal", "", "R26"),
        row(
            "T3",
            "EventType=dial-out&CallerIDNum=453*106&CalledNumber=%2B78125550177\
             &CallerExtensionID=33335",
            "external",
            "+78125550177",
            "V6",
        ),
        row("T4", &t4, "internal_forward", "", "R27"),
        row("T4 strict", &t4, "internal_forward", "", "R27").strict(),
        row(
            "T5",
            "EventType=dial-out&CallerIDNum=IVAN&CalledNumber=%2B79215550188&Transfered=yes\
             &CallerExtensionID=33335",
            "external",
            "+79215550188",
            "V6",
        ),
        row("T6", &t6, "external", "+79215550142", "V15"),
        row("T7", &t6, "internal", "", "R26").strict(),
        row("T8 without directory", &t8, "external", "106", "R26"),
        row("T8 with directory", &t8, "internal", "", "R26").with_directory(),
        row("T9", t9, "internal", "", "R26"),
        row("T10", &t10, "local", "", "V5"),
        row("T10 strict", &t10, "external", "453*107", "V6").strict(),
        row("D2: a forward outside is kept", &outside_forward, "external", "+79215550188", "V6"),
        row("D2: as printed", &outside_forward, "internal_forward", "", "R27").strict(),
        row(
            "D3, T19: the party of a queue's offer is the caller",
            queue,
            "external",
            "+79215550142",
            "R26",
        ),
        row(
            "V5 by CallFlow",
            "EventType=answer&CallerIDNum=IVAN&CalledNumber=453*107&CallFlow=OUT",
            "local",
            "",
            "V5",
        ),
        row(
            "D6: an id beyond all numbers is numeric",
            &t4.replace("33336", "99999999999999999999"),
            "internal_forward",
            "",
            "R27",
        ),
        row("R27 needs yes", &t4.replace("=yes", "=maybe"), "local", "", "V5"),
        row("R27 needs both ids", &t4.replace("CallerExtensionID=33335", "x=1"), "local", "", "V5"),
        row(
            "cut at @",
            "EventType=dial-in&CallerIDNum=453*106@a&CalledNumber=453*107@b",
            "internal",
            "",
            "R26",
        ),
        row(
            "D7: a known name of any length",
            "EventType=dial-in&CallerIDNum=5&CalledNumber=453*107",
            "internal",
            "",
            "R26",
        )
        .with_directory(),
        row(
            "D7: no fall-back for CalledNumber",
            "EventType=dial-in&CallerIDNum=453*106\
             &CalledExtension=453*107",
            "external",
            "453*106",
            "R26",
        ),
        row(
            "D8: the party as sent",
            "EventType=dial-in&CallerIDNum=IVAN@sip.example.com\
             &CalledNumber=453*106",
            "external",
            "+79215550142@sip.example.com",
            "R26",
        ),
        row(
            "D8: only a domain is absent",
            "EventType=dial-in&CallerIDNum=@sip&CalledNumber=453*106",
            "unknown",
            "",
            "",
        ),
        row("D8: of RemoteNumber too", &format!("{t2}&RemoteNumber=@sip"), "internal", "", "R26"),
        row(
            "C13: a RemoteNumber that is an extension",
            &format!("{t2}&RemoteNumber=453*108"),
            "internal",
            "",
            "R26",
        ),
        row(
            "RemoteNumber known by its short name",
            &format!("{t2}&RemoteNumber=106"),
            "internal",
            "",
            "R26",
        )
        .with_directory(),
        row("step 5: no number", "EventType=dial-in&CalledNumber=453*106", "unknown", "", ""),
        row(
            "step 5: no flow",
            "EventType=hangup&CallerIDNum=IVAN&CalledNumber=453*106",
            "unknown",
            "",
            "",
        ),
        row(
            "step 3 needs no flow",
            "EventType=hangup&CallerIDNum=453*106&CalledNumber=453*107",
            "internal",
            "",
            "R26",
        ),
        row(
            "T11 without directory",
            "EventType=dial-in&CallerIDNum=78125550100&CalledNumber=453*106",
            "external",
            "78125550100",
            "R26",
        ),
        row(
            "T11 with directory",
            "EventType=dial-in&CallerIDNum=78125550100&CalledNumber=453*106",
            "internal",
            "",
            "R26",
        )
        .with_directory(),
        row(
            "T12 without prefixes",
            "EventType=dial-in&CallerIDNum=999*101&CalledNumber=453*106",
            "internal",
            "",
            "R26",
        ),
        row(
            "T12 with prefixes",
            "EventType=dial-in&CallerIDNum=999*101&CalledNumber=453*106",
            "external",
            "999*101",
            "R26",
        )
        .with_directory(),
        row(
            "T13: a word for a number",
            "EventType=dial-in&CallerIDNum=Anonymous&CalledNumber=453*106",
            "external",
            "",
            "R26",
        )
        .withheld(),
        row(
            "T13 strict: a word is a number",
            "EventType=dial-in&CallerIDNum=Anonymous&CalledNumber=453*106",
            "external",
            "Anonymous",
            "R26",
        )
        .strict(),
        row(
            "T14: a blank number",
            "EventType=dial-in&CallerIDNum=+&CalledNumber=453*106",
            "external",
            "",
            "R26",
        )
        .withheld(),
        row("T15: no number", "EventType=dial-in&CalledNumber=453*106", "unknown", "", ""),
        row("T14 strict", "EventType=dial-in&CallerIDNum=&CalledNumber=453*106", "unknown", "", "")
            .strict(),
        row(
            "T16: a feature code",
            "EventType=dial-out&CallerIDNum=453*106&CalledNumber=*97",
            "local",
            "",
            "D24",
        ),
        row(
            "T16 strict",
            "EventType=dial-out&CallerIDNum=453*106&CalledNumber=%2397",
            "external",
            "#97",
            "V6",
        )
        .strict(),
        row(
            "T17: an emergency call",
            "EventType=dial-out&CallerIDNum=453*106&CalledNumber=112",
            "external",
            "112",
            "V6",
        ),
        row("T18", &format!("{t2}&RemoteNumber=%3Cunknown%3E"), "external", "", "V15").withheld(),
        row(
            "an id alone makes no call internal",
            "EventType=dial-in&CallerIDNum=IVAN\
             &CalledNumber=453*106&CallerExtension=453*099@s&CallerExtensionID=33330\
             &CalledExtension=453*106@s&CalledExtensionID=33335",
            "external",
            "+79215550142",
            "R26",
        ),
        row(
            "an unknown kind with a flow",
            "EventType=teleport&CallerIDNum=IVAN&CallFlow=IN",
            "external",
            "+79215550142",
            "R26",
        ),
    ]
}

#[test]
fn every_row_has_its_scope_party_and_reason() {
    let directory = Directory::new()
        .with_prefix("453")
        .with_own_number("+7 (812) 555-01-00")
        .with_extension("106", "phone")
        .with_extension("5", "phone");
    for row in rows() {
        let event = extension_event(&row.body);
        let policy = if row.strict { Policy::StrictSeed } else { Policy::Default };
        let directory = if row.with_directory { &directory } else { &Directory::new() };
        let found = classify(&event, directory, policy);
        assert_eq!(
            (
                found.scope.code(),
                found.party,
                found.reason.map(|reason| reason.code()),
                found.withheld
            ),
            (row.code, row.party, row.reason, row.withheld),
            "{}",
            row.name
        );
    }
}
