//! Request bodies, bounded in size and time, compressed or not.

use std::io::Read;
use std::time::Duration;

use bytes::{Buf, Bytes};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Body;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use crate::header::single;
use crate::refusal::{Checked, Refusal};

/// What a body may not exceed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// Bytes, both as sent and unpacked.
    pub bytes: usize,
    /// Time until it has arrived.
    pub time: Duration,
}

/// The whole body, unpacked.
///
/// # Errors
/// 413, 408, 415 for an unknown coding, 400 if it breaks off or does not unpack.
pub(crate) async fn read<B>(headers: &HeaderMap, body: B, limits: BodyLimits) -> Checked<Vec<u8>>
where
    B: Body<Data = Bytes>,
{
    let coding = single(headers, &CONTENT_ENCODING)?.unwrap_or("identity");
    let packed = match coding.to_ascii_lowercase().as_str() {
        "identity" => false,
        "gzip" | "x-gzip" => true,
        _ => return Err(Refusal::media_type("the content encoding is not supported; `gzip` is")),
    };
    let sent = match tokio::time::timeout(limits.time, collect(headers, body, limits.bytes)).await {
        Ok(sent) => sent?,
        Err(_) => return Err(Refusal::slow_body()),
    };
    if !packed {
        return Ok(sent);
    }
    let unpacked = tokio::task::spawn_blocking(move || unpack(&sent, limits.bytes)).await;
    unpacked.unwrap_or_else(|_| Err(Refusal::invalid("the body is not gzip")))
}

async fn collect<B>(headers: &HeaderMap, body: B, limit: usize) -> Checked<Vec<u8>>
where
    B: Body<Data = Bytes>,
{
    let stated = single(headers, &CONTENT_LENGTH)?.and_then(|text| text.parse::<usize>().ok());
    if stated.is_some_and(|length| length > limit) {
        return Err(Refusal::too_long(limit));
    }
    // What is stated may be a lie: reserve a little, then grow with what arrives.
    let mut all = Vec::with_capacity(stated.unwrap_or_default().min(1 << 20));
    let mut body = std::pin::pin!(body);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::invalid("the body breaks off"))?;
        let Some(data) = frame.data_ref() else { continue };
        if all.len() + data.remaining() > limit {
            return Err(Refusal::too_long(limit));
        }
        all.extend_from_slice(data);
    }
    Ok(all)
}

fn unpack(packed: &[u8], limit: usize) -> Checked<Vec<u8>> {
    let mut out = Vec::with_capacity(packed.len().saturating_mul(4).min(limit));
    let room = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(packed)
        .take(room)
        .read_to_end(&mut out)
        .map_err(|_| Refusal::invalid("the body is not gzip"))?;
    if out.len() > limit { Err(Refusal::too_long(limit)) } else { Ok(out) }
}
