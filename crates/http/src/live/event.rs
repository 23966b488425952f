//! Server-sent events as text (HTML, server-sent events §9.2.5).

use bytes::Bytes;

/// An event with a position and one line of data.
pub(super) fn event(name: &str, position: &str, data: &str) -> Bytes {
    format!("id: {position}\nevent: {name}\ndata: {data}\n\n").into()
}

/// What keeps the connection alive: a comment, and the position by now. It is no event.
pub(super) fn beat(position: &str) -> Bytes {
    format!(":\nid: {position}\n\n").into()
}
