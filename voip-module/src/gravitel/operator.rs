//! The operator of a push, in one notation.

use std::collections::HashMap;

use super::{Account, GravitelPush, OperatorId};

/// Accounts that are kept.
const MAX_ACCOUNTS: usize = 10_000;

/// The accounts of a PBX: login, extension and direct number of each operator.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Login and extension.
    accounts: Vec<(String, String)>,
    by_login: HashMap<String, usize>,
    by_ext: HashMap<String, usize>,
    by_telnum: HashMap<String, usize>,
}

impl Accounts {
    /// Keeps accounts, at most 10,000.
    #[must_use]
    pub fn new<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> Self {
        let mut kept = Self::default();
        for account in accounts.into_iter().take(MAX_ACCOUNTS) {
            let login = login(&account.name);
            let at = kept.accounts.len();
            kept.accounts.push((login.to_owned(), account.ext.clone()));
            for (index, name) in [
                (&mut kept.by_login, login),
                (&mut kept.by_ext, &account.ext),
                (&mut kept.by_telnum, &account.telnum),
            ] {
                if !name.is_empty() {
                    index.entry(name.to_owned()).or_insert(at);
                }
            }
        }
        kept
    }

    fn id(&self, at: Option<&usize>, id: OperatorId) -> Option<&str> {
        let (login, ext) = self.accounts.get(*at?)?;
        Some(chosen(login, ext, id)).filter(|id| !id.is_empty())
    }
}

/// The id of an account that has both names.
pub(super) const fn chosen<'a>(login: &'a str, ext: &'a str, id: OperatorId) -> &'a str {
    match id {
        OperatorId::Ext if ext.is_empty() => login,
        OperatorId::Ext => ext,
        OperatorId::Login if login.is_empty() => ext,
        OperatorId::Login => login,
    }
}

/// A login without its tenant.
pub(super) fn login(user: &str) -> &str {
    user.split_once('@').map_or(user, |(login, _)| login)
}

/// The operator of a push.
pub(super) struct Operator<'a> {
    pub(super) id: &'a str,
    /// The quality of the id; 0 without an id.
    pub(super) rank: u8,
    ext: &'a str,
    login: &'a str,
}

impl<'a> Operator<'a> {
    /// Finds the operator.
    // V143, V145
    pub(super) fn of(push: &'a GravitelPush<'_>, accounts: &'a Accounts, id: OperatorId) -> Self {
        let (ext, telnum) = (push.ext(), push.telnum());
        let login = if push.has_login { person(push.user()) } else { "" };
        let by_telnum = || accounts.by_telnum.get(telnum);
        let (first, account, second) = match id {
            OperatorId::Ext => (ext, by_telnum().or_else(|| accounts.by_login.get(login)), login),
            OperatorId::Login => (login, by_telnum().or_else(|| accounts.by_ext.get(ext)), ext),
        };
        let account = accounts.id(account, id).unwrap_or_default();
        let ids = [(first, 3), (account, 3), (second, 2), (telnum, 1)];
        let best = ids.into_iter().find(|(id, _)| !id.is_empty());
        let (id, rank) = best.unwrap_or_default();
        Self { id, rank, ext, login }
    }

    /// The operator's names beside the id.
    pub(super) fn other_names(&self) -> Vec<String> {
        let names = [self.ext, self.login].into_iter();
        names.filter(|name| !name.is_empty() && *name != self.id).map(str::to_owned).collect()
    }
}

/// The login of a person; empty for the switch and for groups.
// V146
fn person(user: &str) -> &str {
    let login = login(user);
    let is_group = login.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("g_"));
    if is_group || login.eq_ignore_ascii_case("pbx") { "" } else { login }
}
