//! Clients that asked for the replay of what they miss: how they come, and how they go on in the next generation.

use super::{Client, Clients};
use crate::gateway::connection::LINGER;
use crate::gateway::replay::{Admission, Asker, Book, Saved};
use crate::protocol::close::Close;
use crate::protocol::replay::HelloReplay;

impl Clients {
    /// Adds a client that asked: sends it its hello, which `greet` makes, then what it missed; from now on it receives
    /// broadcasts. Whoever had its stream until now is closed.
    pub(crate) fn join_again(
        &self,
        asker: Asker<'_>,
        mut client: Client,
        greet: impl FnOnce(HelloReplay) -> String,
    ) {
        let mut clients = self.lock();
        let Admission { key, hello, missed, replaced } = self.book().admit(asker, (self.clock)());
        if let Some(before) = replaced.and_then(|conn_id| clients.get_mut(&conn_id)) {
            before.stream = None;
            before.outbound.close(Close::policy("resumed by another connection"), LINGER);
        }
        client.outbound.send(greet(hello));
        for frame in missed {
            client.outbound.send(frame);
        }
        client.stream = Some(key);
        clients.insert(asker.conn_id.to_owned(), client);
        self.count.send_replace(clients.len());
    }

    /// Ends replay here: what the next generation needs for it, if anything. Events are not numbered any more for
    /// whoever asked.
    pub(crate) fn seal(&self) -> Option<Saved> {
        let _order = self.lock();
        self.book().seal((self.clock)())
    }

    /// Goes on where the generation before ended. Nobody is connected yet.
    pub(crate) fn go_on(&self, book: Book) {
        let _order = self.lock();
        *self.book() = book;
    }
}
