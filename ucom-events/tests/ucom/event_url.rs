//! Event URLs, R22–R25.

use ucom_events::{
    EventPath, EventToken, EventUrlError, EventUrls, ExtensionId, ExtensionType, StructuredAddress,
    SubscriptionUrl, TokenTable,
};

fn token(byte: u8) -> EventToken {
    EventToken::from_random([byte; 16])
}

#[test]
fn an_opaque_url_has_the_kind_and_thirty_two_characters_r24_r25() {
    let urls = EventUrls::new("https://crm.example.com").unwrap();
    let url = urls.opaque(EventPath::Extension, &token(0xab));
    assert_eq!(url.expose(), format!("https://crm.example.com/ext-event/{}", "ab".repeat(16)));
    let path = format!("/ext-event/{}", "ab".repeat(16));
    let (family, candidate) = urls.read_opaque(&path).unwrap();
    assert!(family == EventPath::Extension && token(0xab).matches(candidate));
    for path in ["/", "/ext-event", "/other/x", "/ext-event/a/b", "ext-event/a", "/Ext-Event/a"] {
        assert_eq!(urls.read_opaque(path), None, "{path}");
    }
}

/// C12: the number is that of the application.
#[test]
fn a_structured_url_has_application_type_and_extension_r22_r23() {
    let urls = EventUrls::allowing_http("http://host:8080/").unwrap();
    let address = StructuredAddress::new(807, ExtensionType::Ivr, ExtensionId::new(33_330));
    assert_eq!(urls.structured(&address).expose(), "http://host:8080/cid/807/IVR/33330");
    assert_eq!(urls.read_structured("/cid/807/IVR/33330"), Some(address.clone()));
    assert_eq!(urls.read_structured("/cid/807/ivr/33330"), Some(address)); // C10
    let phone = StructuredAddress::new(1, ExtensionType::Phone, ExtensionId::new(2));
    assert_eq!(urls.structured(&phone).expose(), "http://host:8080/cid/1/phone/2");
    for path in ["/cid/807/ivr", "/cid/x/ivr/1", "/cid/1/door/1", "/cid/1/ivr/1/2", "/id/1/ivr/1"] {
        assert_eq!(urls.read_structured(path), None, "{path}");
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
        "event URLs are secrets: the address must be https"
    );
}

#[test]
fn a_token_hides_itself_and_matches_itself_alone() {
    let ours = token(0x0f);
    let text = "0f".repeat(16);
    assert_eq!(format!("{ours:?}"), "EventToken(…)");
    assert!(ours.matches(&text));
    for other in
        ["", "0f", &text[..31], &format!("{text}0"), &text.replace('f', "e"), &text.to_uppercase()]
    {
        assert!(!ours.matches(other), "{other}");
    }
    assert_eq!(text.parse::<EventToken>().unwrap(), ours);
    assert_eq!(
        "x".repeat(31).parse::<EventToken>().unwrap_err().to_string(),
        "not an event token: 32 letters, digits, hyphens or underscores"
    );
    assert!("/".repeat(32).parse::<EventToken>().is_err());
    let mut differing = text.into_bytes();
    for at in 0..32 {
        differing[at] ^= 1;
        assert!(!ours.matches(std::str::from_utf8(&differing).unwrap()));
        differing[at] ^= 1;
    }
}

#[test]
fn a_table_finds_each_row_by_its_token() {
    let mut table = TokenTable::new();
    for row in 0..50_u8 {
        assert_eq!(table.insert(token(row), row), None);
    }
    assert_eq!(table.insert(token(7), 70), Some(7));
    assert_eq!(table.find(token(7).expose()), Some(&70));
    assert_eq!(table.find(token(49).expose()), Some(&49));
    assert_eq!((table.find(""), table.find(token(99).expose())), (None, None));
    assert_eq!((table.remove(&token(7)), table.len()), (Some(70), 49));
    assert_eq!(table.find(token(7).expose()), None);
    assert_eq!(format!("{table:?}"), "TokenTable { rows: 49, .. }");
}

#[test]
fn a_subscriptions_url_shows_its_origin_alone_u11() {
    let shown = |url: &str| format!("{0} {0:?}", SubscriptionUrl::new(url));
    assert_eq!(
        shown("https://u:pw@a.example:8443/secret?x"),
        "https://a.example:8443/… SubscriptionUrl(https://a.example:8443/…)"
    );
    assert_eq!(shown("secret"), "… SubscriptionUrl(…)");
    assert_eq!(shown("data:secret"), "… SubscriptionUrl(…)");
}
