//! Request bodies, bounded in size, time and the memory of all of them, compressed or not.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Body;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use crate::budget::{Budget, Held};
use crate::header::single;
use crate::negotiate::{check_form_body, check_json_body};
use crate::refusal::{Checked, Refusal};
use crate::unpack::unpack;

/// Longest form of a search, in bytes.
const MAX_FORM_BYTES: usize = 1 << 20;

/// What a body may not exceed.
#[derive(Clone, Copy)]
pub(crate) struct BodyLimits<'a> {
    /// Bytes, both as sent and unpacked.
    pub bytes: usize,
    /// Time until it has arrived.
    pub time: Duration,
    /// Memory of all bodies under way.
    pub budget: &'a Budget,
}

/// The body of a write.
///
/// # Errors
/// As of [`read`], and 415 if it is not JSON.
pub(crate) async fn json<B>(
    headers: &HeaderMap,
    body: B,
    limits: BodyLimits<'_>,
) -> Checked<(Arc<[u8]>, Held)>
where
    B: Body<Data = Bytes>,
{
    check_json_body(headers)?;
    let (bytes, held) = read(headers, body, limits).await?;
    Ok((Arc::from(bytes), held))
}

/// The parameters of a search by `POST`.
///
/// # Errors
/// As of [`read`], and 415 if it is not a form.
pub(crate) async fn form<B>(headers: &HeaderMap, body: B, limits: BodyLimits<'_>) -> Checked<String>
where
    B: Body<Data = Bytes>,
{
    let limits = BodyLimits { bytes: MAX_FORM_BYTES.min(limits.bytes), ..limits };
    // What is left of it are decoded parameters, which have a limit of their own.
    let (bytes, _) = read(headers, body, limits).await?;
    check_form_body(headers, bytes.is_empty())?;
    String::from_utf8(bytes).map_err(|_| Refusal::invalid("the form is not UTF-8"))
}

/// The whole body, unpacked, with its share of the memory.
///
/// # Errors
/// 413, 408, 415 for an unknown coding, 400 if it breaks off or does not unpack, 503 if other
/// bodies take the memory for as long as this one may take.
pub(crate) async fn read<B>(
    headers: &HeaderMap,
    body: B,
    limits: BodyLimits<'_>,
) -> Checked<(Vec<u8>, Held)>
where
    B: Body<Data = Bytes>,
{
    let coding = single(headers, &CONTENT_ENCODING)?.unwrap_or("identity");
    let packed = match coding.to_ascii_lowercase().as_str() {
        "identity" => false,
        "gzip" | "x-gzip" => true,
        _ => return Err(Refusal::media_type("the content encoding is not supported; `gzip` is")),
    };
    let stated = single(headers, &CONTENT_LENGTH)?.and_then(|text| text.parse::<usize>().ok());
    if stated.is_some_and(|length| length > limits.bytes) {
        return Err(Refusal::too_long(limits.bytes));
    }
    // How long a packed body will be, nobody has said.
    let mut held = limits.budget.share(stated.filter(|_| !packed));
    let whole = async {
        let sent = collect(stated, body, limits.bytes, &mut held).await?;
        if packed { unpack(sent, limits.bytes, &mut held).await } else { Ok(sent) }
    };
    match tokio::time::timeout(limits.time, whole).await {
        Ok(bytes) => Ok((bytes?, held)),
        Err(_) if held.waits() => Err(Refusal::crowded()),
        Err(_) => Err(Refusal::slow_body()),
    }
}

async fn collect<B>(
    stated: Option<usize>,
    body: B,
    limit: usize,
    held: &mut Held,
) -> Checked<Vec<u8>>
where
    B: Body<Data = Bytes>,
{
    held.cover(stated.unwrap_or_default()).await;
    // What is stated may be a lie: reserve a little, then grow with what arrives.
    let mut all = Vec::with_capacity(stated.unwrap_or_default().min(1 << 20));
    let mut body = std::pin::pin!(body);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::invalid("the body breaks off"))?;
        let Some(data) = frame.data_ref() else { continue };
        let length = all.len() + data.remaining();
        if length > limit {
            return Err(Refusal::too_long(limit));
        }
        held.grow(length).await;
        all.extend_from_slice(data);
    }
    Ok(all)
}
