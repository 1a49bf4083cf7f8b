//! The one place that knows an operation's types: between decoding and encoding.
//!
//! It is compiled once per operation, so it holds no more than what needs the types.

use std::marker::PhantomData;
use std::sync::Arc;

use berth_aws_api::{Operation, OperationSchema, ServiceError, validate};

use super::exchange::Exchange;
use super::service::Answering;
use super::{Call, CommonError, Failure};

/// An operation whose types are forgotten.
pub(super) trait Handler: Send + Sync {
    fn schema(&self) -> &'static OperationSchema;

    /// Everything from decoding the input to encoding the answer.
    fn run<'a>(&'a self, exchange: &'a Exchange<'a>, call: Call) -> Answering<'a>;
}

pub(super) struct Typed<O, S, F> {
    service: Arc<S>,
    run: F,
    operation: PhantomData<fn() -> O>,
}

impl<O, S, F> Typed<O, S, F> {
    pub(super) fn new(service: Arc<S>, run: F) -> Self {
        Typed { service, run, operation: PhantomData }
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

    fn run<'a>(&'a self, exchange: &'a Exchange<'a>, call: Call) -> Answering<'a> {
        Box::pin(async move {
            let mut input = O::Input::default();
            if let Err(refused) = exchange.admit(&mut input, &call).await {
                return refused;
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
