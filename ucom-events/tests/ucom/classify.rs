//! Classification, §7: the truth table T1–T10, R26, R27, V5, V6, V15, D2, D3, D6–D8, D20.

use ucom_events::{Policy, Rule, Scope, classify};

use crate::support::{directory, extension_event};

const IVAN: &str = "%2B79215550142";

struct Row {
    name: &'static str,
    body: String,
    strict: bool,
    with_directory: bool,
    code: &'static str,
    party: Option<&'static str>,
    rule: Option<Rule>,
}

fn row(name: &'static str, body: &str, code: &'static str, party: &'static str, rule: &str) -> Row {
    let rule = [Rule::V15, Rule::R27, Rule::R26, Rule::V5, Rule::V6]
        .into_iter()
        .find(|known| known.as_str() == rule);
    Row {
        name,
        body: format!("CallID=c&{}", body.replace("IVAN", IVAN)),
        strict: false,
        with_directory: false,
        code,
        party: (!party.is_empty()).then_some(party),
        rule,
    }
}

impl Row {
    fn strict(self) -> Self {
        Self { strict: true, ..self }
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
        row("D3: a queue's offer to its agent is not local", queue, "external", "453*106", "V6"),
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
            "anonymous is outside",
            "EventType=dial-in&CallerIDNum=anonymous&CalledNumber=453*106",
            "external",
            "anonymous",
            "R26",
        ),
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
fn every_row_has_its_scope_party_and_rule() {
    let mut directory = directory();
    directory.insert("5".to_owned(), ucom_events::ExtensionType::Phone);
    for row in rows() {
        let event = extension_event(&row.body);
        let policy = if row.strict { Policy::strict_seed() } else { Policy::default() };
        let scope = if row.with_directory {
            classify(&event, &policy, Some(&directory))
        } else {
            classify(&event, &policy, None)
        };
        let party = match scope {
            Scope::External { party } => Some(party.number()),
            _ => None,
        };
        assert_eq!(
            (scope.code(), party, scope.rule()),
            (row.code, party, row.rule),
            "{}",
            row.name
        );
        assert_eq!(party, row.party, "{}", row.name);
    }
}

#[test]
fn every_scope_says_why_and_begins_with_its_rule() {
    for row in rows() {
        let event = extension_event(&row.body);
        let scope = classify(&event, &Policy::default(), None);
        match scope.rule() {
            Some(rule) => assert!(scope.reason().starts_with(rule.as_str()), "{}", row.name),
            None => assert_eq!(scope.reason(), "no number of the far side"),
        }
    }
}

#[test]
fn a_policy_may_take_single_rules() {
    let event = extension_event(
        "EventType=dial-out&CallID=c&CallerIDNum=1&CalledNumber=453*107&RemoteNumber=2",
    );
    let code = |policy| classify(&event, &policy, None).code();
    let default = Policy::default();
    assert_eq!(code(default), "external");
    assert_eq!(code(default.with_remote_number(false)), "local");
    assert_eq!(code(default.with_remote_number(false).with_local(false)), "external");
}
