//! The one place that knows an operation's types: between decoding and encoding.
//!
//! It is compiled once per operation, so it holds no more than what needs the types.

use std::marker::PhantomData;
use std::sync::Arc;

use berth_aws_api::{Operation, OperationSchema, ServiceError, validate};

use super::access::{Beforehand, OperationRow};
use super::exchange::Exchange;
use super::service::Answering;
use super::{Call, CommonError, Failure, entries};

/// An operation whose types are forgotten.
pub(super) trait Handler: Send + Sync {
    fn schema(&self) -> &'static OperationSchema;

    /// Whether it is known what calls want.
    fn has_row(&self) -> bool;

    /// Everything from decoding the input to encoding the answer.
    fn run<'a>(&'a self, exchange: &'a Exchange<'a>, call: Call) -> Answering<'a>;
}

pub(super) struct Typed<O: Operation, S, F> {
    service: Arc<S>,
    row: Option<OperationRow<S, O::Input>>,
    run: F,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation, S, F> Typed<O, S, F> {
    pub(super) fn new(service: Arc<S>, row: Option<OperationRow<S, O::Input>>, run: F) -> Self {
        Typed { service, row, run, operation: PhantomData }
    }
}

impl<O, S, F, R> Handler for Typed<O, S, F>
where
    O: Operation,
    S: Send + Sync + 'static,
    F: Fn(Arc<S>, Call, O::Input) -> R + Send + Sync + 'static,
    R: Future<Output = Result<O::Output, Failure<O::Error>>> + Send + 'static,
{
    fn schema(&self) -> &'static OperationSchema {
        O::schema()
    }

    fn has_row(&self) -> bool {
        self.row.is_some()
    }

    fn run<'a>(&'a self, exchange: &'a Exchange<'a>, call: Call) -> Answering<'a> {
        Box::pin(async move {
            let mut input = O::Input::default();
            if let Err(error) = exchange.read(&mut input) {
                return exchange.refused(error);
            }
            if let Err(too_many) = entries::check(&input) {
                return exchange.failed(invalid::<O::Error>(too_many.to_string()));
            }
            let row = self.row.as_ref().expect("an endpoint is built of operations with rows only");
            let wants = |beforehand: Option<&Beforehand<'_>>| {
                row.wants(&self.service, &call, &input, beforehand)
            };
            if let Err(error) = exchange.admit(&call, &wants) {
                return exchange.refused(error);
            }
            if let Err(violations) = validate::check(&input) {
                return exchange.failed(invalid::<O::Error>(violations.to_string()));
            }
            match (self.run)(Arc::clone(&self.service), call, input).await {
                Ok(output) => exchange.succeeded(&output),
                Err(failure) => exchange.failed(failure),
            }
        })
    }
}

/// The service's own error for a request that breaks its model, or one by the code it uses without modelling it.
fn invalid<E: ServiceError>(message: String) -> Failure<E> {
    // Cloned since an error that does not exist keeps the message: this is the rare path.
    match E::invalid(message.clone()) {
        Some(error) => error.into(),
        None => Failure::common(CommonError::Invalid { code: E::VALIDATION_CODE, message }),
    }
}
