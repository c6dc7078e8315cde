//! A delivery in flight, which is undone unless it is committed.

use super::WebhookRouter;
use super::journal::Ticket;

/// A delivery in flight. Dropping it, such as when the sender gives up and the host cancels the
/// request, undoes it.
pub(super) struct InFlight<'a, P> {
    router: &'a WebhookRouter<P>,
    ticket: Option<Ticket>,
}

impl<'a, P> InFlight<'a, P> {
    pub(super) const fn new(router: &'a WebhookRouter<P>, ticket: Ticket) -> Self {
        Self { router, ticket: Some(ticket) }
    }

    pub(super) fn fingerprint(&self) -> Option<u128> {
        self.ticket.as_ref().map(Ticket::fingerprint)
    }

    pub(super) fn commit(mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.router.with_journal(|journal| journal.commit(ticket));
            self.router.ended.notify(usize::MAX);
        }
    }
}

impl<P> Drop for InFlight<'_, P> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.router.with_journal(|journal| journal.undo(ticket));
            self.router.ended.notify(usize::MAX);
        }
    }
}
