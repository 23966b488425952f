//! One socket: binds what its client has tokens for, and writes what is told.

use std::sync::Arc;
use std::time::Duration;

use accord_jobs::Line;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::why::Why;
use crate::app::App;
use crate::backend::Backend;
use crate::hook::Binding;
use crate::live::Slot;

/// Longest message of a client, in bytes.
const MAX_MESSAGE: usize = 1024;
/// What is read at a time, in bytes: clients say little, and each socket has such a buffer.
const READ_BUFFER: usize = 4096;
/// How long a client may take until something is bound.
const UNBOUND: Duration = Duration::from_secs(10);
/// How often is looked whether a client is there and may still listen.
const LOOK: Duration = Duration::from_secs(5);
/// Looks between two pings; a client that has not answered one by the next is gone.
const PING_EVERY: u32 = 6;
/// How long a client may take to read one notification.
const READING: Duration = Duration::from_secs(30);
/// Notifications that wait to be read.
const WAITING: usize = 2;
/// Subscriptions at one socket.
const MOST_BOUND: usize = 16;

/// The end of a line at which notifications are handed over.
struct Handed {
    told: mpsc::Sender<String>,
    ended: watch::Sender<bool>,
}

impl Line for Handed {
    fn has_room(&self) -> bool {
        // Places are kept for greetings.
        self.told.capacity() > MOST_BOUND
    }

    fn tell(&self, notification: &str) {
        // Without room it is not due; the number tells what is missing.
        let _ = self.told.try_send(notification.to_owned());
    }

    fn end(&self) {
        self.ended.send_replace(true);
    }
}

/// Serves one socket until it is closed.
pub(super) async fn serve<S: Backend>(
    app: &App<S>,
    upgraded: Upgraded,
    place: OwnedSemaphorePermit,
) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0);
    let io = TokioIo::new(upgraded);
    let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
    Client::new(app, place).attend(socket).await;
}

/// What is known of a client.
struct Client<S: Backend> {
    app: App<S>,
    line: Arc<dyn Line>,
    bound: Vec<Bound>,
    told: mpsc::Receiver<String>,
    /// Whether something is no longer what it was bound to.
    ended: watch::Receiver<bool>,
    /// The place of a socket that nothing is bound to.
    place: Option<OwnedSemaphorePermit>,
    awaits_pong: bool,
    looks: u32,
}

/// Subscriptions that a token bound.
struct Bound {
    binding: Binding,
    slot: Slot,
}

impl<S: Backend> Client<S> {
    fn new(app: &App<S>, place: OwnedSemaphorePermit) -> Client<S> {
        let (sender, told) = mpsc::channel(WAITING + MOST_BOUND);
        let (ended, ends) = watch::channel(false);
        Client {
            app: app.clone(),
            line: Arc::new(Handed { told: sender, ended }),
            bound: Vec::new(),
            told,
            ended: ends,
            place: Some(place),
            awaits_pong: false,
            looks: 0,
        }
    }

    /// Serves the client until it leaves or is sent away.
    async fn attend<T>(mut self, mut socket: WebSocketStream<T>)
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let listened = self.listen(&mut socket).await;
        // Nothing more is handed over to who is leaving. Their places are taken until they have
        // left.
        self.unbind();
        let goodbye = async {
            if let Err(why) = listened {
                let _ = socket.close(Some(why.frame())).await;
            }
            while let Some(Ok(_)) = socket.next().await {}
        };
        // Whoever does not answer is left.
        let _ = timeout(LOOK, goodbye).await;
    }

    /// `Ok` when the client is gone.
    async fn listen<T>(&mut self, socket: &mut WebSocketStream<T>) -> Result<(), Why>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let first = timeout_at(Instant::now() + UNBOUND, async {
            while self.bound.is_empty() {
                let Some(message) = socket.next().await else { return Ok(false) };
                if !self.heard(message)? {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        match first.await {
            Err(_) => return Err(Why::TooSlow),
            Ok(went) => {
                if !went? {
                    return Ok(());
                }
            }
        }
        self.place = None;
        let mut ended = self.ended.clone();
        let mut looks = interval(LOOK);
        // Looks that a slow reader held up are not made up for: two pings would come at once.
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let stopped = async {
                match self.bound.first() {
                    Some(bound) => bound.slot.stopped().await,
                    None => std::future::pending().await,
                }
            };
            let over = async {
                let _ = ended.wait_for(|ended| *ended).await;
            };
            let out = tokio::select! {
                () = over => return Err(Why::Ended),
                told = self.told.recv() => match told {
                    // What waited was read as somebody who is not asked for any more.
                    Some(_) if *self.ended.borrow() => return Err(Why::Ended),
                    Some(text) => {
                        self.check()?;
                        Some(Message::text(text))
                    }
                    None => return Err(Why::Ended),
                },
                message = socket.next() => match message {
                    Some(message) => match self.heard(message)? {
                        true => None,
                        false => return Ok(()),
                    },
                    None => return Ok(()),
                },
                _ = looks.tick() => self.look()?,
                () = stopped => return Err(Why::Stops),
            };
            let sent = match out {
                Some(message) => timeout(READING, socket.send(message)).await,
                // What a ping is answered with.
                None => timeout(READING, socket.flush()).await,
            };
            match sent {
                Err(_) => return Err(Why::TooSlow),
                Ok(Err(_)) => return Ok(()),
                Ok(Ok(())) => {}
            }
        }
    }

    /// Takes a message; false when the client is gone.
    fn heard(&mut self, message: Result<Message, Error>) -> Result<bool, Why> {
        match message {
            Ok(Message::Text(text)) => {
                let token = text.strip_prefix("bind-with-token ").ok_or(Why::NoToken)?;
                self.bind(token.trim()).map(|()| true)
            }
            Ok(Message::Binary(_)) => Err(Why::NotText),
            Ok(Message::Pong(_)) => {
                self.awaits_pong = false;
                Ok(true)
            }
            Ok(Message::Close(_)) => Ok(false),
            Ok(_) => Ok(true),
            Err(Error::Capacity(CapacityError::MessageTooLong { .. })) => Err(Why::TooLong),
            Err(_) => Ok(false),
        }
    }

    /// Binds what a token stands for; the line is told a handshake for each subscription.
    fn bind(&mut self, token: &str) -> Result<(), Why> {
        let binding = self.app.0.bindings.take(token).ok_or(Why::NoToken)?;
        let hooks = self.app.0.options.hooks.clone().ok_or(Why::NoToken)?;
        let bound: usize = self.bound.iter().map(|bound| bound.binding.ids.len()).sum();
        if bound + binding.ids.len() > MOST_BOUND {
            return Err(Why::TooMany);
        }
        let options = &self.app.0.options;
        let limits = (options.max_streams, options.max_streams_each);
        let slot = self.app.0.streams.enter(&binding.subject, limits).map_err(|_| Why::TooMany)?;
        self.bound.push(Bound { binding: binding.clone(), slot });
        self.check()?;
        for id in &binding.ids {
            if !hooks.bind(id, &binding.subject, &self.line) {
                return Err(Why::NoToken);
            }
        }
        Ok(())
    }

    /// Looks whether the client is there and may still listen; what is to be sent, if anything.
    fn look(&mut self) -> Result<Option<Message>, Why> {
        self.check()?;
        self.looks = self.looks.wrapping_add(1);
        if !self.looks.is_multiple_of(PING_EVERY) {
            return Ok(None);
        }
        if std::mem::replace(&mut self.awaits_pong, true) {
            return Err(Why::TooSlow);
        }
        Ok(Some(Message::Ping(Vec::new().into())))
    }

    /// Lets go of all lines.
    fn unbind(&self) {
        let Some(hooks) = &self.app.0.options.hooks else { return };
        for id in self.bound.iter().flat_map(|bound| &bound.binding.ids) {
            hooks.unbind(id, &self.line);
        }
    }

    /// Whether every access token that something was bound with is still good.
    fn check(&self) -> Result<(), Why> {
        for Bound { binding, .. } in &self.bound {
            let certificate = binding.certificate.as_ref().map(|shown| &*shown.thumbprint);
            let subject = self.app.0.tokens.verify_over(&binding.token, certificate);
            if subject.as_ref() != Ok(&binding.subject) {
                return Err(Why::TokenOver);
            }
        }
        Ok(())
    }
}

impl<S: Backend> Drop for Client<S> {
    fn drop(&mut self) {
        self.unbind();
    }
}

#[cfg(test)]
mod tests;
