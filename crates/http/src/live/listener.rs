//! One stream: waits for commits, looks for what concerns it, writes it.

use std::sync::Arc;
use std::time::Duration;

use accord_auth::ClientCertificate;
use accord_base::{Rng, Row, SystemRng};
use accord_engine::{Answer, Changes, Interaction, Live, Request, Since};
use accord_jobs::{Content, Kind, Notice, notification};
use bytes::Bytes;
use tokio::sync::mpsc::Permit;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::event::{beat, event};
use super::streams::Slot;
use crate::app::App;
use crate::backend::Backend;
use crate::work;

/// Least time between two looks. What is committed meanwhile is told together.
const PACE: Duration = Duration::from_millis(200);
/// How long a stream says nothing at most.
const BEAT: Duration = Duration::from_secs(15);

/// One stream.
pub(super) struct Listener<S> {
    app: App<S>,
    /// What is asked again and again.
    request: Request,
    /// What shows who asks: looked at before every look.
    token: String,
    certificate: Option<Arc<ClientCertificate>>,
    base: String,
    /// What notifications call the stream.
    name: String,
    /// Events told so far.
    told: u64,
    slot: Slot,
    upto: Row,
    next_beat: Instant,
}

impl<S: Backend> Listener<S> {
    pub fn new(
        app: App<S>,
        request: Request,
        (token, certificate): (String, Option<Arc<ClientCertificate>>),
        base: String,
        slot: Slot,
    ) -> Listener<S> {
        let (name, next_beat) = (fresh_urn(), Instant::now() + BEAT);
        let (told, upto) = (0, Row::default());
        Listener { app, request, token, certificate, base, name, told, slot, upto, next_beat }
    }

    /// Tells where the stream begins, and goes on in a task of its own until nobody listens, the
    /// token is no longer good, or the server stops.
    pub fn begin(mut self, first: Changes, commits: watch::Receiver<Row>) -> mpsc::Receiver<Bytes> {
        let (sender, pieces) = mpsc::channel(2);
        let name = if first.reset { "reset" } else { "ready" };
        let mut piece = event(name, &first.begins, "{}").to_vec();
        if let Some(more) = self.told(&first) {
            piece.extend_from_slice(&more);
        }
        self.upto = first.upto;
        let more = first.more;
        // There is room: nothing was sent yet.
        let _ = sender.try_send(piece.into());
        tokio::spawn(async move {
            // Ends with the stream: there is nobody left to tell.
            let _ = self.go_on(&sender, commits, more).await;
        });
        pieces
    }

    /// `None` when the stream is at its end.
    async fn go_on(
        &mut self,
        sender: &mpsc::Sender<Bytes>,
        mut commits: watch::Receiver<Row>,
        mut more: bool,
    ) -> Option<()> {
        loop {
            if !more {
                self.wait(sender, &mut commits).await?;
            }
            // Nothing is looked up before there is room for it: who reads slowly holds nothing.
            let room = tokio::select! {
                room = sender.reserve() => room.ok()?,
                () = self.slot.stopped() => return None,
            };
            self.check_token()?;
            commits.borrow_and_update();
            more = self.look(room).await?;
        }
    }

    /// Waits for a commit, or for the time to say that the stream is alive.
    async fn wait(
        &self,
        sender: &mpsc::Sender<Bytes>,
        commits: &mut watch::Receiver<Row>,
    ) -> Option<()> {
        let soonest = Instant::now() + PACE;
        let commit = async {
            commits.changed().await.ok()?;
            sleep_until(soonest).await;
            Some(())
        };
        tokio::select! {
            committed = commit => committed,
            () = sleep_until(self.next_beat) => Some(()),
            () = sender.closed() => None,
            () = self.slot.stopped() => None,
        }
    }

    /// Ends the stream if the token has expired, or its grant has.
    fn check_token(&self) -> Option<()> {
        let certificate = self.certificate.as_ref().map(|shown| &*shown.thumbprint);
        let subject = self.app.0.tokens.verify_over(&self.token, certificate).ok()?;
        (subject == self.request.subject).then_some(())
    }

    /// Looks for what is new and tells it. Says whether there may be more.
    async fn look(&mut self, room: Permit<'_, Bytes>) -> Option<bool> {
        let due = Instant::now() >= self.next_beat;
        let Interaction::Live(live) = &self.request.interaction else { return None };
        let (from, concerned) = self.app.0.backend.next_concerning(live, self.upto);
        self.upto = from;
        if !concerned && !due {
            return Some(false);
        }
        let changes = self.ask().await?;
        self.upto = changes.upto;
        let piece = match self.told(&changes) {
            Some(told) => told,
            None if due => beat(&changes.position),
            None => return Some(changes.more),
        };
        room.send(piece);
        self.next_beat = Instant::now() + BEAT;
        Some(changes.more)
    }

    /// What changed since the last look.
    async fn ask(&mut self) -> Option<Changes> {
        if let Interaction::Live(live) = &mut self.request.interaction {
            **live = Live { since: Since::Row(self.upto), ..std::mem::take(live) };
        }
        let asked = work::blocking(&self.app, self.request.clone(), |outcome| outcome).await;
        match asked {
            Ok(Ok(Answer::Changes(changes))) => Some(changes),
            _ => None,
        }
    }

    /// The event that tells of changes, if there are any.
    fn told(&mut self, changes: &Changes) -> Option<Bytes> {
        let last = changes.entries.last()?.version.last_updated;
        let notice = Notice {
            base: &self.base,
            subscription: &self.name,
            kind: Kind::Event,
            topic: None,
            status: "active",
            error: None,
            before: self.told,
            changes: &changes.entries,
            content: Content::IdOnly,
            again: false,
            at: last,
            state: None,
            recalled: None,
        };
        self.told += changes.entries.len() as u64;
        Some(event("change", &changes.position, &notification(&notice)))
    }
}

/// A name that nothing else has (RFC 9562 §5.4).
fn fresh_urn() -> String {
    let mut bytes = [0; 16];
    SystemRng::new().fill(&mut bytes);
    let number = u128::from_be_bytes(bytes) & !(0xf << 76 | 0x3 << 62) | 4 << 76 | 2 << 62;
    let text = format!("{number:032x}");
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (a, b, c, d, e) = (part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}
