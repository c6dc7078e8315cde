//! Roles of legs in a call.

use std::collections::HashSet;

use crate::classify::{is_feature_code, present};
use crate::directory::{Directory, ExtensionType};
use crate::number::{is_withheld, short_name, user};
use crate::track::leg::Leg;
use crate::track::record::LegRole as Role;

pub(super) struct LegView<'c> {
    pub(super) leg: &'c Leg,
    pub(super) role: Role,
    /// The extension, without its domain.
    pub(super) extension: Option<&'c str>,
    pub(super) is_out: bool,
    /// True unless the leg is only the far side of another one.
    pub(super) counts: bool,
    pub(super) is_ivr: bool,
    pub(super) is_queue: bool,
    /// The far side's number.
    pub(super) far: Option<&'c str>,
}

/// Returns whether the caller of a leg hides the number.
pub(super) fn is_caller_withheld(leg: &LegView<'_>) -> bool {
    let is_word = |number: Option<&str>| number.is_some_and(is_withheld);
    let is_blank = leg.leg.has_blank_caller && leg.leg.caller.get().is_none() && !leg.is_out;
    is_word(leg.leg.caller.get()) || is_word(leg.leg.remote.get()) || is_blank
}

// D28.
/// Returns role, extension and far side of a leg by itself.
pub(super) fn leg_view<'c>(leg: &'c Leg, directory: &Directory) -> LegView<'c> {
    let caller = present(leg.caller.get());
    let called = present(leg.called.get());
    let called_extension = present(leg.called_extension.get());
    let is_ours = |number: Option<&str>| number.is_some_and(|number| directory.is_ours(number));
    let flow = leg.is_out().or_else(|| {
        let called = called.or(called_extension);
        if is_ours(called) {
            Some(false)
        } else {
            (is_ours(caller) && called.is_some()).then_some(true)
        }
    });
    let is_out = flow == Some(true);
    let extension = if is_out {
        present(leg.caller_extension.get())
            .or_else(|| caller.filter(|number| directory.is_ours(number)))
    } else {
        called_extension.or(called)
    };
    let extension = extension.map(user);
    let kind = extension.and_then(|extension| directory.extension_type(extension));
    let is_service = kind.map_or(leg.has_bridged, ExtensionType::is_service);
    let role = match flow {
        None if is_service || leg.has_bridged => Role::Service,
        None => Role::Unknown,
        Some(false) if is_service => Role::Service,
        Some(false) => Role::Phone,
        Some(true) if leg.is_transferred => Role::Forward,
        Some(true) if called.is_some_and(is_feature_code) => Role::Local,
        Some(true) if is_service && is_ours(called) => Role::Attempt,
        Some(true) if is_service => Role::Forward,
        // An unknown extension that offers a caller is a queue (D3).
        Some(true) if is_ours(called) && kind.is_none() && leg.has_dial_in => Role::Attempt,
        Some(true) if is_ours(called) => Role::Local,
        Some(true) => Role::Outbound,
    };
    let far = match (is_out, present(leg.remote.get())) {
        (true, _) => called,
        (false, Some(remote)) if !directory.is_ours(remote) => Some(remote),
        (false, _) => caller,
    };
    LegView {
        leg,
        role,
        extension,
        is_out,
        counts: matches!(role, Role::Phone | Role::Forward | Role::Attempt | Role::Outbound),
        is_ivr: kind == Some(&ExtensionType::Ivr),
        is_queue: kind == Some(&ExtensionType::Queue),
        far: far.filter(|number| !is_withheld(number)),
    }
}

/// Corrects roles by the other legs: services of unknown type, and legs that are another's far
/// side.
pub(super) fn settle_roles(legs: &mut [LegView<'_>], directory: &Directory) {
    let services: HashSet<_> = legs
        .iter()
        .filter(|leg| leg.role == Role::Service && !leg.is_ivr && !leg.is_queue)
        .filter_map(|leg| leg.extension)
        .collect();
    let phones: HashSet<_> = legs
        .iter()
        .filter(|leg| leg.role == Role::Phone)
        .filter_map(|leg| leg.extension.map(short_name))
        .collect();
    for leg in legs {
        let called = present(leg.leg.called.get());
        let is_called_ours = called.is_some_and(|called| directory.is_ours(called));
        if leg.extension.is_some_and(|extension| services.contains(extension)) {
            leg.role = match leg.role {
                Role::Outbound => Role::Forward,
                Role::Local if is_called_ours => Role::Attempt,
                other => other,
            };
        }
        let has_own_leg = matches!(leg.role, Role::Forward | Role::Attempt)
            && is_called_ours
            && called.is_some_and(|called| phones.contains(short_name(called)));
        leg.counts =
            !matches!(leg.role, Role::Service | Role::Local | Role::Unknown) && !has_own_leg;
    }
}
