//! AWS's API shapes, generated from service models: types, schemas, validation, errors.
