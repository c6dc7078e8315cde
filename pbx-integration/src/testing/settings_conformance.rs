//! A suite for stores of settings.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use serde_json::{Value, json};

use super::report::Report;
use crate::definition::Identifier;
use crate::event::Tenant;
use crate::settings::{
    SaveResult, ScopedSettings, Secret, Settings, SettingsError, SettingsScope, SettingsStore,
};

/// Checks whether a store keeps the contract of [`SettingsStore`]. Writes to integrations named
/// `conformancea` and `conformanceb`, in the tenants `a.conformance.example` and
/// `b.conformance.example`; remove them afterwards.
///
/// It checks that
///
/// - integrations, tenants, users, public and secret data are isolated;
/// - missing entries, every kind of JSON value, removal, `Unchanged`;
/// - no error and no `Debug` shows a secret;
/// - forms' results, of both shapes;
/// - a refused change changes nothing; concurrent updates are all kept;
pub async fn settings_conformance(store: Arc<dyn SettingsStore>) -> Report {
    let mut suite = Suite { store, report: Report::default() };
    if let Err(error) = suite.run().await {
        let text = format!("{error}");
        suite.report.check(false, || format!("the store failed: {text}"));
    }
    suite.report
}

struct Suite {
    store: Arc<dyn SettingsStore>,
    report: Report,
}

const SECRET: &str = "conformance-5ecret";

impl Suite {
    async fn run(&mut self) -> Result<(), SettingsError> {
        let [Ok(a), Ok(b)] = ["conformancea", "conformanceb"].map(Identifier::new) else {
            return Ok(());
        };
        let settings = Settings::new(self.store.clone(), a);
        let other = Settings::new(self.store.clone(), b);
        let (one, two) = ("a.conformance.example", "b.conformance.example");
        let areas = [
            settings.tenant(one),
            settings.tenant(two),
            settings.user(one, "41"),
            settings.user(one, "041"),
            settings.user(two, "41"),
            other.tenant(one),
            other.user(one, "41"),
        ];
        self.areas_are_apart(&areas).await?;
        self.names(&settings.tenant(one), &settings.user(one, ""), one, &settings).await?;
        self.values(&areas[0]).await?;
        self.save_results(&areas[2]).await?;
        self.many_at_once(&areas[3]).await?;
        self.nothing_shown(&areas[0]).await?;
        for area in &areas {
            clear(area).await?;
        }
        Ok(())
    }

    fn check(&mut self, holds: bool, text: &str) {
        self.report.check(holds, || text.to_owned());
    }

    /// Checks that the four parts of each integration are isolated.
    async fn areas_are_apart(&mut self, areas: &[ScopedSettings]) -> Result<(), SettingsError> {
        for area in areas {
            clear(area).await?;
        }
        for written in 0..areas.len() {
            let result = json!([{"public": written}, {"private": SECRET}]);
            let _ = areas[written].save(SaveResult::from_value(result)?).await?;
            for (at, area) in areas.iter().enumerate() {
                let expected = (at <= written).then(|| json!({"public": at}));
                let public = area.public_data().await?;
                self.check(public == expected, "a save is seen in another area");
                let secret = area.secret("private").await?;
                let is_there = secret.is_some() == (at <= written);
                self.check(is_there, "a secret is seen in another area");
                let crossed = area.public("private").await?.is_some()
                    || area.secret("public").await?.is_some()
                    || area.secret_scalar().await?.is_some();
                self.check(!crossed, "public and secret data stand in for each other");
            }
        }
        Ok(())
    }

    async fn names(
        &mut self,
        tenant: &ScopedSettings,
        nobody: &ScopedSettings,
        name: &str,
        settings: &Settings,
    ) -> Result<(), SettingsError> {
        let _ = tenant.set_public("spelling", 1).await?;
        let same = nobody.public("spelling").await?;
        self.check(same == Some(json!(1)), "an empty user is not the tenant");
        let spelt = settings.tenant(format!("{}.", name.to_uppercase()));
        let same = spelt.public("spelling").await?;
        self.check(same == Some(json!(1)), "tenants' names are not compared without case");
        let missing = (tenant.public("no such").await?, tenant.secret("no such").await?);
        self.check(missing == (None, None), "a missing entry is something");
        let refused = tenant.public("").await.is_err() && tenant.secret("").await.is_err();
        self.check(refused, "an empty name is not an error");
        Ok(())
    }

    async fn values(&mut self, area: &ScopedSettings) -> Result<(), SettingsError> {
        for value in [
            json!("text ü \"\\ \u{1f4de}\n"),
            json!(""),
            json!(true),
            json!(0),
            json!(-7),
            json!(u64::MAX),
            json!(0.1),
            json!(1.5e300),
            json!([]),
            json!({"a": [1, {"b": null}]}),
        ] {
            let saved = area.set_public("value", value.clone()).await?;
            self.check(saved.public.contains("value"), "a change is not reported");
            let read = area.public("value").await?;
            self.check(read.as_ref() == Some(&value), "a public value is not kept as it is");
            let again = area.set_public("value", value.clone()).await?;
            self.check(again.is_unchanged(), "saving the same value is a change");
            let secret = Secret::from_json(value);
            let saved = area.set_secret("value", secret.clone()).await?;
            self.check(saved.secrets.contains("value"), "a change is not reported");
            let read = area.secret("value").await?;
            self.check(read.as_ref() == Some(&secret), "a secret is not kept as it is");
            let again = area.set_secret("value", secret).await?;
            self.check(again.is_unchanged(), "saving the same secret is a change");
        }
        let _ = area.set_public("value", Value::Null).await?;
        let _ = area.clear_secret("value").await?;
        let gone = (area.public("value").await?, area.secret("value").await?);
        self.check(gone == (None, None), "what is removed is still there");
        let again = area.clear_secret("value").await?;
        self.check(again.is_unchanged(), "removing nothing is a change");
        Ok(())
    }

    async fn save_results(&mut self, area: &ScopedSettings) -> Result<(), SettingsError> {
        clear(area).await?;
        type Row = (Value, Value, &'static [(&'static str, &'static str)]);
        let rows: [Row; 9] = [
            (json!({"a": 1}), json!({"a": 1}), &[]),
            (json!([{"b": 1}, {"k": SECRET}]), json!({"b": 1}), &[("k", SECRET)]),
            (json!({"c": 1}), json!({"c": 1}), &[("k", SECRET)]),
            (json!([{"d": 1}]), json!({"d": 1}), &[("k", SECRET)]),
            (json!([{"e": 1}, null]), json!({"e": 1}), &[("k", SECRET)]),
            (json!([{"f": 1}, {"k": ""}]), json!({"f": 1}), &[("k", SECRET)]),
            (json!([{"g": 1}, ""]), json!({"g": 1}), &[("k", SECRET)]),
            (json!([{"h": 1}, "bare"]), json!({"h": 1}), &[("", "bare"), ("k", SECRET)]),
            (json!([[1, 2]]), json!([1, 2]), &[("", "bare"), ("k", SECRET)]),
        ];
        for (result, public, secrets) in rows {
            let _ = area.save(SaveResult::from_value(result)?).await?;
            let read = area.public_data().await?;
            self.check(read == Some(public), "public data is not replaced as a whole");
            let mut read = BTreeMap::new();
            read.extend(area.secret_scalar().await?.map(|secret| ("", secret)));
            read.extend(area.secret("k").await?.map(|secret| ("k", secret)));
            let expected = secrets.iter().map(|(name, secret)| (*name, Secret::from(*secret)));
            self.check(read == expected.collect(), "a save gives other secrets");
        }
        // A refused change changes nothing.
        let refused = area.set_public("entry", 1).await;
        let is_refused = matches!(refused, Err(SettingsError::NotAnObject));
        self.check(is_refused, "an entry is put into data that is no object");
        let same = area.public_data().await? == Some(json!([1, 2]));
        self.check(same, "a change that was refused is seen");
        Ok(())
    }

    /// Checks concurrent updates.
    async fn many_at_once(&mut self, area: &ScopedSettings) -> Result<(), SettingsError> {
        clear(area).await?;
        let names: Vec<String> = (0..32).map(|number| format!("n{number}")).collect();
        let mut saves: Vec<_> =
            names.iter().map(|name| Some(Box::pin(area.set_public(name, name.as_str())))).collect();
        let mut failed = None;
        poll_fn(|context| {
            for save in &mut saves {
                let Some(running) = save else { continue };
                if let Poll::Ready(saved) = running.as_mut().poll(context) {
                    failed = saved.err().or_else(|| failed.take());
                    *save = None;
                }
            }
            if saves.iter().any(Option::is_some) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        failed.map_or(Ok(()), Err)?;
        let read = area.public_data().await?;
        let count = read.as_ref().and_then(Value::as_object).map_or(0, serde_json::Map::len);
        self.check(count == names.len(), "updates at the same time undo each other");
        Ok(())
    }

    async fn nothing_shown(&mut self, area: &ScopedSettings) -> Result<(), SettingsError> {
        let saved = area.set_secret("shown", SECRET).await?;
        let secret = area.secret("shown").await?;
        let leak = SaveResult::from_value(json!([{"k": SECRET}, {"k": SECRET}])).err();
        let shown = format!("{:?} {saved:?} {secret:?} {leak:?} {area:?}", self.store);
        self.check(!shown.contains(SECRET), "a secret is shown");
        if let Some(tenant) = Tenant::new("a.conformance.example") {
            let Ok(identifier) = Identifier::new("conformancea") else { return Ok(()) };
            let scope = SettingsScope::tenant(identifier, tenant);
            let public = self.store.public(&scope).await?;
            let shown = public.unwrap_or_default().to_string();
            self.check(!shown.contains(SECRET), "a secret is in the public data");
        }
        Ok(())
    }
}

async fn clear(area: &ScopedSettings) -> Result<(), SettingsError> {
    let _ = area.save(SaveResult::from_value(json!([null]))?).await?;
    for name in ["private", "value", "k", "shown"] {
        let _ = area.clear_secret(name).await?;
    }
    area.clear_secret_scalar().await.map(drop)
}
