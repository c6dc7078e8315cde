//! Event URLs and tokens.

use ucom_events::plan::{EventUrlError, SubscriptionUrl};
use ucom_events::{EventToken, EventUrls, TokenTable};

fn token(byte: u8) -> EventToken {
    EventToken::from_random([byte; 16])
}

// R24, R25.
#[test]
fn a_path_below_the_base_with_a_known_segment_and_32_characters_is_read() {
    let urls = EventUrls::new("https://crm.example.com/pbx").unwrap();
    let urls = urls.with_former("https://old.example.com/").unwrap();
    let text = "ab".repeat(16);
    for segment in ["ext-event", "agent-event", "phone-event"] {
        assert_eq!(urls.read_path(&format!("/pbx/{segment}/{text}")), Some(&*text));
        assert_eq!(urls.read_path(&format!("/{segment}/{text}")), Some(&*text), "of a former base");
    }
    let long = format!("/pbx/ext-event/{text}0");
    for path in ["/", "/pbx/ext-event", "/pbx/other/x", "/pbx/ext-event/a/b", "ext-event/a", &long]
    {
        assert_eq!(urls.read_path(path), None, "{path}");
    }
}

#[test]
fn addresses_are_https_and_without_secrets() {
    let error = |base: &str| EventUrls::new(base).unwrap_err();
    assert_eq!(error("http://crm.example.com"), EventUrlError::NotHttps);
    assert_eq!(error("ftp://crm.example.com"), EventUrlError::NotHttps);
    assert_eq!(error("https://user:pw@crm.example.com"), EventUrlError::Credentials);
    assert_eq!(error("https://crm.example.com/?x=1"), EventUrlError::Query);
    assert_eq!(error("crm.example.com"), EventUrlError::NotAUrl);
    assert_eq!(
        error("http://crm.example.com").to_string(),
        "expected an https URL: over http everybody on the way can read event tokens"
    );
}

// D56.
#[test]
fn a_token_redacts_itself_and_equals_itself_alone() {
    let ours = token(0x0f);
    let text = "0f".repeat(16);
    assert_eq!(format!("{ours:?}"), "EventToken(…)");
    assert_eq!(text.parse::<EventToken>().unwrap(), ours);
    assert_eq!(
        "x".repeat(31).parse::<EventToken>().unwrap_err().to_string(),
        "expected an event token: 32 ASCII letters, digits, hyphens or underscores"
    );
    assert!("/".repeat(32).parse::<EventToken>().is_err());
    for at in 0..32 {
        let mut differing = text.clone().into_bytes();
        differing[at] ^= 1;
        let differing = String::from_utf8(differing).unwrap();
        assert_ne!(differing.parse::<EventToken>().unwrap(), ours);
    }
}

// D54.
#[test]
fn a_table_finds_each_row_by_its_token_alone() {
    let mut table = TokenTable::new();
    for row in 0..50_u8 {
        assert_eq!(table.insert(token(row), row), None);
    }
    assert_eq!(table.insert(token(7), 70), Some(7));
    assert_eq!(table.find(token(7).expose()), Some(&70));
    assert_eq!(table.find(token(49).expose()), Some(&49));
    let text = token(7).expose().to_owned();
    for other in ["", "07", &text[..31], &format!("{text}0"), &text.replace('0', "f")] {
        assert_eq!(table.find(other), None, "{other}");
    }
    assert_eq!((table.remove(&token(7)), table.len()), (Some(70), 49));
    assert_eq!(table.find(&text), None);
    assert_eq!(format!("{table:?}"), "TokenTable { rows: 49, .. }");
}

// U11, D56.
#[test]
fn a_subscriptions_url_shows_its_origin_alone() {
    let shown = |url: &str| format!("{0} {0:?}", SubscriptionUrl::new(url));
    assert_eq!(
        shown("https://u:pw@a.example:8443/secret?x"),
        "https://a.example:8443/… SubscriptionUrl(https://a.example:8443/…)"
    );
    assert_eq!(shown("secret"), "… SubscriptionUrl(…)");
    assert_eq!(shown("data:secret"), "… SubscriptionUrl(…)");
}
