//! Sockets as their clients see them. Time is the runtime's, and stands still unless everything
//! waits.

use accord_base::{LogTime, Subject};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::*;
use crate::tests::harness::{Server, clinician, server, token};

/// What goes into a pipe before somebody reads.
const PIPE: usize = 256;

/// A client at a socket, and the server's end of its line.
struct Visit {
    server: Server,
    socket: WebSocketStream<DuplexStream>,
    line: Arc<dyn Line>,
    unbound: Arc<Semaphore>,
    attended: JoinHandle<()>,
    begun: Instant,
}

/// What a client reads.
#[derive(Debug, PartialEq)]
enum Came {
    Text(usize),
    Ping,
    Closed(u16),
    Gone,
}

impl Visit {
    /// Of somebody who has shown nothing yet, or is bound by an access token.
    async fn new(bound: bool) -> Visit {
        let server = server(crate::tests::fake::read_p1);
        let (ours, theirs) = duplex(PIPE);
        let unbound = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&unbound).try_acquire_owned().unwrap();
        let mut client = Client::new(&server.app, place);
        if bound {
            let subject = server.app.0.tokens.verify(&token(&clinician())).unwrap();
            let slot = enter(&server, &subject).unwrap();
            let binding = Binding::to_nothing(subject, token(&clinician()));
            client.bound.push(Bound { binding, slot });
        }
        let line = Arc::clone(&client.line);
        let socket = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
        let attended = tokio::spawn(client.attend(socket));
        let socket = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
        Visit { server, socket, line, unbound, attended, begun: Instant::now() }
    }

    async fn next(&mut self) -> Came {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => Came::Text(text.len()),
            Some(Ok(Message::Ping(_))) => Came::Ping,
            Some(Ok(Message::Close(Some(frame)))) => Came::Closed(frame.code.into()),
            None | Some(Err(_)) => Came::Gone,
            other => panic!("{other:?}"),
        }
    }

    /// Seconds since it began.
    fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }

    fn streams(&self) -> u64 {
        self.server.app.0.streams.count()
    }
}

fn enter(server: &Server, subject: &Subject) -> Option<Slot> {
    server.app.0.streams.enter(subject, (1, 1)).ok()
}

async fn after(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_binds_nothing_is_sent_away() {
    let mut visit = Visit::new(false).await;
    assert_eq!(visit.next().await, Came::Closed(4408));
    assert_eq!(visit.seconds(), UNBOUND.as_secs());
    assert_eq!(visit.next().await, Came::Gone);
    visit.attended.await.unwrap();
    assert_eq!(visit.unbound.available_permits(), 1);
    // One who says nothing that can be read goes on waiting no longer than the others.
    let mut visit = Visit::new(false).await;
    for second in 0..UNBOUND.as_secs() {
        assert_eq!(visit.seconds(), second);
        visit.socket.send(Message::Ping(Vec::new().into())).await.unwrap();
        after(1).await;
    }
    while let Some(Ok(Message::Pong(_))) = visit.socket.next().await {}
    assert_eq!((visit.seconds(), visit.next().await), (UNBOUND.as_secs(), Came::Gone));
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_read_is_sent_away() {
    let mut visit = Visit::new(true).await;
    let long = "a".repeat(10 * PIPE);
    visit.line.tell(&long);
    after(READING.as_secs() - 1).await;
    assert_eq!(visit.next().await, Came::Text(long.len()), "it was still time");
    visit.line.tell(&long);
    after(READING.as_secs() + 1).await;
    // It is told so if it reads after all.
    assert_eq!(visit.next().await, Came::Text(long.len()));
    assert_eq!(visit.next().await, Came::Closed(4408));
    let visit = Visit::new(true).await;
    visit.line.tell(&long);
    after((READING + LOOK).as_secs() + 1).await;
    assert!(visit.attended.is_finished(), "else it is left");
    assert_eq!(visit.streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_no_ping_is_sent_away() {
    let mut visit = Visit::new(true).await;
    let period = LOOK.as_secs() * u64::from(PING_EVERY);
    // Nothing is read, so that nothing is answered.
    after(2 * period - 1).await;
    assert_eq!((visit.next().await, visit.next().await), (Came::Ping, Came::Closed(4408)));
    let mut visit = Visit::new(true).await;
    for turn in 1..=10 {
        // Reading answers.
        assert_eq!(visit.next().await, Came::Ping);
        assert_eq!(visit.seconds(), turn * period - LOOK.as_secs());
    }
    assert_eq!(visit.streams(), 1);
}

#[tokio::test(start_paused = true)]
async fn whose_access_token_is_over_is_told_nothing_more() {
    let over = |visit: &Visit| visit.server.clock.advance_us(86_400 * LogTime::SECOND_US);
    let mut visit = Visit::new(true).await;
    visit.line.tell("one");
    assert_eq!(visit.next().await, Came::Text(3));
    over(&visit);
    visit.line.tell("another");
    assert_eq!(visit.next().await, Came::Closed(4403));
    let mut quiet = Visit::new(true).await;
    after(1).await;
    over(&quiet);
    assert_eq!(quiet.next().await, Came::Closed(4403), "though nothing is told");
    assert_eq!(quiet.seconds(), LOOK.as_secs());
}

#[tokio::test(start_paused = true)]
async fn sockets_end_with_the_server_and_with_what_they_were_bound_to() {
    let mut visit = Visit::new(true).await;
    assert!(enter(&visit.server, &clinician()).is_none(), "it has a place of the streams");
    after(1).await;
    visit.server.app.0.streams.stop();
    assert_eq!(visit.next().await, Came::Closed(1001));
    let mut visit = Visit::new(true).await;
    visit.line.tell("one");
    visit.line.end();
    // What waited was read as somebody who is not asked for any more.
    assert_eq!(visit.next().await, Came::Closed(1000));
    assert_eq!(visit.seconds(), 0);
}
