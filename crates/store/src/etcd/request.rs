//! Requests, as short as they can be said.

use bytes::Bytes;

use super::layout::Span;
use super::messages::{
    Compare, DeleteRangeRequest, Expected, KeyValue, PutRequest, RangeRequest, Request, RequestOp,
    Response, TxnRequest, TxnResponse,
};
use crate::Fence;

/// etcd takes 128 operations in one transaction, unless told otherwise.
pub(super) const MOST_OPERATIONS: usize = 120;

pub(super) fn get(key: Bytes) -> RangeRequest {
    RangeRequest { key, ..RangeRequest::default() }
}

pub(super) fn range(span: &Span) -> RangeRequest {
    RangeRequest { key: span.from.clone(), range_end: span.to.clone(), ..RangeRequest::default() }
}

pub(super) fn then_get(key: Bytes) -> RequestOp {
    RequestOp { request: Some(Request::Range(get(key))) }
}

pub(super) fn then_put(key: Bytes, value: Bytes) -> RequestOp {
    then_put_under(key, value, 0)
}

/// A key that goes when its lease does.
pub(super) fn then_put_under(key: Bytes, value: Bytes, lease: i64) -> RequestOp {
    RequestOp { request: Some(Request::Put(PutRequest { key, value, lease })) }
}

pub(super) fn then_delete(key: Bytes) -> RequestOp {
    let request = DeleteRangeRequest { key, range_end: Bytes::new() };
    RequestOp { request: Some(Request::DeleteRange(request)) }
}

pub(super) fn then_delete_all(span: &Span) -> RequestOp {
    let request = DeleteRangeRequest { key: span.from.clone(), range_end: span.to.clone() };
    RequestOp { request: Some(Request::DeleteRange(request)) }
}

/// 0: it is not there.
pub(super) fn if_created_at(key: Bytes, revision: i64) -> Compare {
    let expected = Some(Expected::CreateRevision(revision));
    Compare { result: 0, target: 1, key, expected }
}

pub(super) fn if_value(key: Bytes, value: Bytes) -> Compare {
    Compare { result: 0, target: 3, key, expected: Some(Expected::Value(value)) }
}

/// What only the leader with this fence may do.
pub(super) fn if_leading(leader: Bytes, fence: Fence, then: Vec<RequestOp>) -> TxnRequest {
    TxnRequest { compare: vec![created_by(leader, fence)], success: then, failure: Vec::new() }
}

pub(super) fn created_by(leader: Bytes, fence: Fence) -> Compare {
    // Fences here are etcd's revisions.
    if_created_at(leader, i64::try_from(fence.0).unwrap_or(i64::MAX))
}

impl TxnResponse {
    /// What the `number`th of the operations that were carried out, a `then_get`, has found.
    pub(super) fn found(&self, number: usize) -> Option<&KeyValue> {
        match self.responses.get(number)?.response.as_ref()? {
            Response::Range(range) => range.kvs.first(),
        }
    }

    pub(super) fn revision(&self) -> i64 {
        self.header.as_ref().map_or(0, |header| header.revision)
    }
}
