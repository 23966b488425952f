//! Why sockets are closed.

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Why a socket is closed: codes of RFC 6455 §7.4, and of the range for applications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    Ended,
    Stops,
    NotText,
    TooLong,
    NoToken,
    TokenOver,
    TooSlow,
    TooMany,
}

impl Why {
    /// What the client is told.
    pub fn frame(self) -> CloseFrame {
        let (code, reason) = match self {
            Why::Ended => (1000, "the subscription changed or ended"),
            Why::Stops => (1001, "the server stops"),
            Why::NotText => (1003, "text is taken alone"),
            Why::TooLong => (1009, "the message is too long"),
            Why::NoToken => (4401, "this is no token that is good"),
            Why::TokenOver => (4403, "the access token is over"),
            Why::TooSlow => (4408, "too slow"),
            Why::TooMany => (4429, "too many"),
        };
        CloseFrame { code: CloseCode::from(code), reason: reason.into() }
    }
}
