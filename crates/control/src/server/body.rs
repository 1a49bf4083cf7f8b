//! Reads a request's body whole, within limits.

use std::time::Duration;

use berth_aws_protocol::CommonError;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::timeout;

/// How many times the limit is still read, to be thrown away, before the client is answered.
///
/// A client that is cut off while it sends sees a broken connection instead of the answer.
const TOLERANCE: u64 = 4;

/// A body that is in one piece already is not copied.
pub(super) async fn read<B>(body: B, limit: usize, patience: Duration) -> Result<Bytes, CommonError>
where
    B: Body<Data = Bytes> + Unpin,
{
    match timeout(patience, collect(body, limit)).await {
        Ok(collected) => collected,
        Err(_) => Err(CommonError::TimedOut(format!(
            "The request body did not arrive within {} seconds.",
            patience.as_secs()
        ))),
    }
}

async fn collect<B>(mut body: B, limit: usize) -> Result<Bytes, CommonError>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > limit as u64 {
        discard(body, limit).await;
        return Err(too_large(limit));
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let expected = first.len() + usize::try_from(body.size_hint().lower()).unwrap_or(0);
    let mut whole = BytesMut::with_capacity(expected.min(limit));
    let mut piece = Some(first);
    while let Some(bytes) = piece {
        if whole.len() + bytes.len() > limit {
            discard(body, limit).await;
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&bytes);
        piece = next(&mut body).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of data; trailers are none.
async fn next<B>(body: &mut B) -> Result<Option<Bytes>, CommonError>
where
    B: Body<Data = Bytes> + Unpin,
{
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            CommonError::Unreadable("The request body ended before it was complete.".to_owned())
        })?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

async fn discard<B>(mut body: B, limit: usize)
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut left = (limit as u64).saturating_mul(TOLERANCE);
    while let Ok(Some(piece)) = next(&mut body).await {
        left = match left.checked_sub(piece.len() as u64) {
            Some(left) => left,
            None => return,
        };
    }
}

fn too_large(limit: usize) -> CommonError {
    CommonError::TooLarge(format!(
        "The request body is larger than the {limit} bytes that are accepted."
    ))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn pieces(
        pieces: &[&'static str],
    ) -> impl Body<Data = Bytes, Error = Infallible> + Unpin + use<> {
        let frames: Vec<_> = pieces
            .iter()
            .map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))
            .collect();
        StreamBody::new(stream::iter(frames))
    }

    #[tokio::test]
    async fn a_body_in_one_piece_is_not_copied() {
        let whole = Bytes::from_static(b"{\"a\":1}");
        let read = read(Full::new(whole.clone()), 7, PATIENCE).await.unwrap();
        assert_eq!(read.as_ptr(), whole.as_ptr());
    }

    #[tokio::test]
    async fn pieces_are_put_together() {
        assert_eq!(read(pieces(&["ab", "", "cd"]), 4, PATIENCE).await.unwrap(), "abcd");
        assert_eq!(read(pieces(&[]), 4, PATIENCE).await.unwrap(), "");
    }

    #[tokio::test]
    async fn the_limit_is_exact_however_the_body_comes() {
        for body in [&["abcde"][..], &["abc", "de"], &["a", "b", "c", "d", "e"]] {
            assert_eq!(read(pieces(body), 5, PATIENCE).await.unwrap(), "abcde");
            assert_eq!(read(pieces(body), 4, PATIENCE).await, Err(too_large(4)));
        }
        assert_eq!(
            read(Full::new(Bytes::from_static(b"abcde")), 4, PATIENCE).await,
            Err(too_large(4))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let endless = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let error = read(endless, 4, PATIENCE).await.unwrap_err();
        assert!(
            matches!(&error, CommonError::TimedOut(text) if text.contains("5 seconds")),
            "{error}"
        );
    }
}
