//! Opening a connection: checks, then field specs and lists.

use std::sync::Arc;

use super::super::connection::{Connection, ConnectionId, after};
use super::super::delivered::{Delivered, Effect};
use super::super::fault::Fault;
use super::super::handshake::{Handshake, Refusal};
use super::super::random::Random;
use super::super::wire::{Layout, Payload, WireForm};
use super::Pbx;
use super::account::{ADMINISTRATOR, Caller, NORMAL_CLOSE};
use super::sending::send_initial_info;
use basix_cti::ElementKind;
use http::StatusCode;

impl Pbx {
    /// Opens a connection. If the login is at its connection limit, the new connection gets
    /// `connection_limit_reached` and is closed; with `force` the oldest one gets
    /// `connection_replaced` and is closed instead.
    ///
    /// # Errors
    ///
    /// If the credentials are missing or wrong (401), if a user without the role of an
    /// administrator asks for `full_events` (403), and if a fault is planned.
    pub fn open(&mut self, handshake: &Handshake) -> Result<ConnectionId, Refusal> {
        let id = ConnectionId(self.asked);
        self.asked += 1;
        let faults: Vec<Fault> = self.faults.at_opening(id.0).collect();
        for fault in &faults {
            match fault {
                Fault::Refuse(status) => return Err(Refusal::Status(*status)),
                Fault::WebPage => return Err(Refusal::WebPage),
                Fault::Unreachable => return Err(Refusal::Unreachable),
                _ => {}
            }
        }
        let caller = self.caller(handshake.credentials.as_ref())?;
        let only = match caller {
            Caller::Token => None,
            Caller::User { user, .. } if handshake.full_events => {
                let role = self.user(user).map_or(0, |user| user.role);
                if role < ADMINISTRATOR {
                    return Err(Refusal::Status(StatusCode::FORBIDDEN));
                }
                None
            }
            Caller::User { user, .. } => Some(user),
        };

        let layout = self.layout(id, &faults);
        let mut connection = Connection::new(caller, layout, Random::new(self.random.number()));
        connection.app_name.clone_from(&handshake.app_name);
        connection.only = only;
        if self.make_room(caller, handshake.force) {
            connection.delivered = self.track_delivered.then(Delivered::default);
            self.greet(&mut connection, &faults);
        } else {
            connection.notify(Payload::System("connection_limit_reached"));
            connection.send_close(NORMAL_CLOSE);
        }
        self.connections.insert(id, connection);
        Ok(id)
    }

    /// Returns whether the login may have one more connection; `force` makes room.
    fn make_room(&mut self, owner: Caller, force: bool) -> bool {
        let limit = self.accounts.limit;
        let open = self.connections.values_mut().filter(|it| it.owner == owner && !it.is_leaving());
        let count = open.count();
        if count < limit {
            return true;
        }
        if !force || limit == 0 {
            return false;
        }
        let surplus = count + 1 - limit;
        let oldest = self.connections.values_mut();
        for connection in oldest.filter(|it| it.owner == owner && !it.is_leaving()).take(surplus) {
            connection.notify(Payload::System("connection_replaced"));
            connection.send_close(NORMAL_CLOSE);
        }
        true
    }

    /// The form and the order of the fields on a new connection, shared with connections alike.
    fn layout(&mut self, id: ConnectionId, faults: &[Fault]) -> Arc<Layout> {
        let mut form = match self.form_of_each {
            true => WireForm::varied(self.random.number()),
            false => self.form.clone(),
        };
        if faults.contains(&Fault::OtherOrder) {
            form.order = Some(form.order.unwrap_or(0).wrapping_add(id.0 + 1));
        }
        let layout = Layout::new(form);
        let same = self.connections.values().find(|it| *it.layout == layout);
        same.map_or_else(|| Arc::new(layout), |it| Arc::clone(&it.layout))
    }

    /// Sends all field specs, then all lists.
    fn greet(&self, connection: &mut Connection, faults: &[Fault]) {
        let layout = Arc::clone(&connection.layout);
        for kind in ElementKind::KNOWN {
            let spec = layout.field_spec(kind, &mut connection.random);
            connection.send(spec, Effect::Spec(kind));
        }
        let unknown = layout.form().unknown_elements;
        let mut unknown = unknown.then(|| layout.unknown_element(&mut connection.random));
        if let Some([spec, _]) = &mut unknown {
            connection.send(Arc::clone(spec), Effect::Nothing);
        }
        for kind in ElementKind::KNOWN {
            let late = faults.iter().find_map(|fault| match fault {
                Fault::LateInitialInfo(late, time) if *late == kind => Some(*time),
                _ => None,
            });
            if let Some(time) = late {
                connection.late.push((after(self.now, time), kind));
                continue;
            }
            if faults.contains(&Fault::MissingInitialInfo(kind)) {
                continue;
            }
            send_initial_info(connection, &self.tables, kind);
            if faults.contains(&Fault::DuplicateInitialInfo(kind)) {
                send_initial_info(connection, &self.tables, kind);
            }
        }
        if let Some([_, info]) = unknown {
            connection.send(info, Effect::Nothing);
        }
    }
}
