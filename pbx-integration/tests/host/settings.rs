//! Settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use pbx_integration::event::{Domain, Tenant};
use pbx_integration::settings::{
    EmptySecret, MemorySettings, SaveResult, ScopedSettings, SettingsError, SettingsScope,
    SettingsStore, StoredSettings,
};
use pbx_integration::testing::settings_conformance;
use pbx_integration::{Identifier, Secret, Settings};
use serde_json::{Value, json};

use crate::{now, vectors};

fn crm() -> (Arc<MemorySettings>, Settings) {
    let store = Arc::new(MemorySettings::new());
    (store.clone(), Settings::new(store, Identifier::new("ourcrmsys").unwrap()))
}

fn scope() -> SettingsScope {
    let tenant = Tenant::new("tenant1.example.com").unwrap();
    SettingsScope::tenant(Identifier::new("ourcrmsys").unwrap(), tenant)
}

fn secrets(store: &MemorySettings) -> BTreeMap<String, Value> {
    let secrets = now(store.secrets(&scope())).unwrap();
    secrets.into_iter().map(|(name, secret)| (name, secret.expose_json())).collect()
}

/// Applies each line to the same settings, and compares both stores.
#[track_caller]
fn check(file: &str) {
    for line in vectors(file) {
        let (store, settings) = crm();
        let tenant = settings.tenant("tenant1.example.com");
        let _ = now(tenant.set_public("before", 1)).unwrap();
        let _ = now(tenant.set_secret("old", "s0")).unwrap();
        let result = SaveResult::parse(&line["save"].to_string());
        if let Some(kind) = line["refused"].as_str() {
            let error = result.unwrap_err();
            assert!(format!("{error:?}").starts_with(kind), "{line}");
            assert_eq!(now(tenant.public_data()).unwrap(), Some(json!({"before": 1})), "{line}");
            continue;
        }
        let policy =
            if line["empty"] == "overwrite" { EmptySecret::Overwrite } else { EmptySecret::Keep };
        let _ = now(tenant.save(result.unwrap().with_empty_secret(policy))).unwrap();
        let public = now(store.public(&scope())).unwrap().unwrap_or_default();
        assert_eq!(public, line["public"], "{line}");
        let expected: BTreeMap<String, Value> =
            serde_json::from_value(line["secrets"].clone()).unwrap();
        assert_eq!(secrets(&store), expected, "{line}");
    }
}

#[test]
fn e11_saves_fill_the_two_stores_as_in_the_example() {
    assert_eq!(vectors("e11_settings.jsonl").len(), 5);
    check("e11_settings.jsonl");
}

// P80, P81, P84, P92
#[test]
fn to_results_of_save_in_every_shape() {
    check("save_results.jsonl");
}

// P92
#[test]
fn the_error_names_the_key_and_shows_no_value() {
    let error = SaveResult::parse(r#"[{"password":"v1-public"},{"password":"v2-private"}]"#);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the public data holds a key that is in the private part too: `password`"
    );
    let error = SaveResult::parse("[]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the result of `save` is a list of 0: expected [public] or [public, private]; public data \
         that is a list itself is wrapped in one more"
    );
    let error = SaveResult::parse("{\n\"a\": tru}").unwrap_err();
    assert_eq!(error.to_string(), "the result of `save` is not JSON: line 2, column 9");
}

// P92. Comparing each with each would take many minutes.
#[test]
fn many_secrets_beside_much_public_data_take_no_longer_than_to_read_them() {
    let entries = |letter: char| -> Vec<String> {
        (0..100_000).map(|at| format!(r#""{letter}{at}":"""#)).collect()
    };
    let json = format!("[{{{}}},{{{}}}]", entries('a').join(","), entries('b').join(","));
    let result = SaveResult::parse(&json).unwrap();
    assert_eq!(result.public().as_object().unwrap().len(), 100_000);
}

// P77, P78, P79
#[test]
fn reads_never_fall_back_to_another_store() {
    let (store, settings) = crm();
    let other = Settings::new(store, Identifier::new("tickets").unwrap());
    let tenant = settings.tenant("tenant1.example.com");
    let save = r#"[{"username":"joe"},{"password":"p1"}]"#;
    let _ = now(tenant.save(SaveResult::parse(save).unwrap())).unwrap();
    for elsewhere in [
        settings.user("tenant1.example.com", "41"),
        settings.tenant("tenant2.example.com"),
        other.tenant("tenant1.example.com"),
    ] {
        assert_eq!(now(elsewhere.public("username")).unwrap(), None);
        assert_eq!(now(elsewhere.secret("password")).unwrap(), None);
    }
    assert_eq!(now(tenant.public("password")).unwrap(), None);
    assert_eq!(now(tenant.secret("username")).unwrap(), None);
    assert_eq!(now(tenant.secret_scalar()).unwrap(), None);
    let nobody = settings.user("TENANT1.example.com.", "");
    assert_eq!(now(nobody.public("username")).unwrap(), Some(json!("joe")), "P78, P37");
}

// P80
#[test]
fn a_missing_name_is_nothing_and_an_empty_one_an_error() {
    let (_, settings) = crm();
    let tenant = settings.tenant("tenant1.example.com");
    assert_eq!(now(tenant.public("no such")).unwrap(), None);
    assert_eq!(now(tenant.secret("no such")).unwrap(), None);
    let errors = [
        now(tenant.public("")).map(drop),
        now(tenant.secret("")).map(drop),
        now(tenant.set_public("", 1)).map(drop),
        now(tenant.set_secret("", "s")).map(drop),
        now(tenant.clear_secret("")).map(drop),
    ];
    for error in errors {
        assert_eq!(error.unwrap_err().to_string(), "the name of a setting is empty");
    }
}

// P81
#[test]
fn a_save_reports_names_and_the_same_save_nothing() {
    let (_, settings) = crm();
    let tenant = settings.tenant("tenant1.example.com");
    let save = || SaveResult::parse(r#"[{"a":1,"b":[2]},{"password":"p1"}]"#).unwrap();
    let saved = now(tenant.save(save())).unwrap();
    assert_eq!(format!("{saved:?}"), r#"Saved { public: {"a", "b"}, secrets: {"password"} }"#);
    assert!(now(tenant.save(save())).unwrap().is_unchanged());
    let saved = now(tenant.set_public("b", json!([3]))).unwrap();
    assert_eq!(saved.public.into_iter().collect::<Vec<_>>(), ["b"]);
    let saved = now(tenant.set_secret("password", Secret::from_json(Value::Null))).unwrap();
    assert_eq!(saved.secrets.into_iter().collect::<Vec<_>>(), ["password"]);
    assert_eq!(now(tenant.secret("password")).unwrap(), None);
    assert!(now(tenant.set_public("no such", Value::Null)).unwrap().is_unchanged());
    let empty = settings.tenant("tenant2.example.com");
    assert!(now(empty.set_public("no such", Value::Null)).unwrap().is_unchanged());
    assert_eq!(now(empty.public_data()).unwrap(), None);
}

// P83
#[test]
fn a_form_is_given_an_object_without_secrets() {
    let (_, settings) = crm();
    let tenant = settings.tenant("tenant1.example.com");
    assert_eq!(now(tenant.form_data()).unwrap(), json!({}));
    let save = |json: &str| now(tenant.save(SaveResult::parse(json).unwrap())).unwrap();
    let _ = save(r#"[{"username":"joe"},{"password":"p1"}]"#);
    assert_eq!(now(tenant.form_data()).unwrap(), json!({"username": "joe"}));
    let _ = save("[[1,2]]");
    assert_eq!(now(tenant.form_data()).unwrap(), json!([1, 2]));
    let _ = save("\"text\"");
    assert_eq!(now(tenant.form_data()).unwrap(), json!({}));
}

// P88, P89
#[test]
fn secrets_are_removed_by_their_own_functions() {
    let (store, settings) = crm();
    let tenant = settings.tenant("tenant1.example.com");
    for save in [r#"[{}, "bare"]"#, r#"[{}, {"password": "p1"}]"#] {
        let _ = now(tenant.save(SaveResult::parse(save).unwrap())).unwrap();
    }
    assert_eq!(now(tenant.secret_scalar()).unwrap(), Some(Secret::new("bare")));
    let _ = now(tenant.clear_secret_scalar()).unwrap();
    assert_eq!(secrets(&store).keys().collect::<Vec<_>>(), ["password"]);
    let _ = now(tenant.clear_secret("password")).unwrap();
    assert!(secrets(&store).is_empty());
}

#[test]
fn settings_of_no_tenant_are_an_error() {
    let (_, settings) = crm();
    for nowhere in [settings.tenant(""), settings.tenant(None::<Domain>), settings.tenant(" . ")] {
        let error = now(nowhere.secret("password")).unwrap_err();
        assert!(matches!(error, SettingsError::NoTenant), "{error}");
        assert!(now(nowhere.set_public("a", 1)).is_err());
    }
}

#[test]
fn an_entry_of_data_that_is_not_an_object_is_refused_and_nothing_changes() {
    let (_, settings) = crm();
    let tenant = settings.tenant("tenant1.example.com");
    let _ = now(tenant.save(SaveResult::parse("[[1]]").unwrap())).unwrap();
    let error = now(tenant.set_public("a", 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the public data is not an object, so it has no entries: save it as a whole"
    );
    assert_eq!(now(tenant.public("a")).unwrap(), None);
    assert_eq!(now(tenant.public_data()).unwrap(), Some(json!([1])));
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

// P11
#[test]
fn what_could_not_be_read_again_is_refused() {
    let (_, settings) = crm();
    let tenant = settings.tenant("tenant1.example.com");
    let save = |public| SaveResult::from_value(json!([public])).map(drop);
    assert!(save(nested(64)).is_ok());
    assert_eq!(
        save(nested(65)).unwrap_err().to_string(),
        "the settings are nested deeper than 64 levels"
    );
    assert!(SaveResult::from_value(json!([{}, {"k": nested(64)}])).is_err(), "P89");
    assert!(now(tenant.set_public("deep", nested(63))).is_ok());
    assert!(now(tenant.set_public("deep", nested(64))).is_err());
    let long = format!("\"{}\"", "a".repeat(4 << 20));
    let error = SaveResult::parse(&long).unwrap_err();
    assert_eq!(error.to_string(), "the settings have more than 4194304 bytes");
}

#[test]
fn the_store_in_memory_keeps_the_contract() {
    let report = now(settings_conformance(Arc::new(MemorySettings::new())));
    report.assert_clean();
    assert!(report.checks > 200, "{report}");
}

/// A store without isolation.
#[derive(Debug, Default)]
struct Careless(std::sync::Mutex<StoredSettings>);

#[async_trait::async_trait]
impl SettingsStore for Careless {
    async fn public(&self, _: &SettingsScope) -> Result<Option<Value>, SettingsError> {
        Ok(self.0.lock().unwrap().public.clone())
    }

    async fn secrets(&self, _: &SettingsScope) -> Result<BTreeMap<String, Secret>, SettingsError> {
        Ok(self.0.lock().unwrap().secrets.clone())
    }

    async fn update(
        &self,
        _: &SettingsScope,
        change: pbx_integration::settings::SettingsChange,
    ) -> Result<pbx_integration::settings::Saved, SettingsError> {
        let mut stored = self.0.lock().unwrap();
        let saved = change.apply(&mut stored)?;
        // A secret in the public data, and saves that are never unchanged.
        let shown =
            format!("{:?}", stored.secrets.values().map(Secret::expose).collect::<Vec<_>>());
        stored.public = stored.public.take().map(|public| match public {
            Value::Object(mut entries) => {
                entries.insert("shown".into(), shown.into());
                entries.into()
            }
            other => other,
        });
        Ok(saved)
    }
}

// P77
#[test]
fn the_suite_finds_a_store_that_mixes_everything_up() {
    let report = now(settings_conformance(Arc::new(Careless::default())));
    for breach in ["a save is seen in another area", "public data is not replaced as a whole"] {
        assert!(report.to_string().contains(breach), "{breach}\n{report}");
    }
    assert!(!report.to_string().contains("5ecret"), "{report}");
}

#[test]
fn settings_are_shared_between_threads() {
    fn assert_shared<T: Send + Sync + std::fmt::Debug>() {}
    assert_shared::<Settings>();
    assert_shared::<ScopedSettings>();
    assert_shared::<Arc<dyn SettingsStore>>();
}
