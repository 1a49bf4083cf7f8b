//! A value without a schema, where a model says "any JSON".

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Document {
    #[default]
    Null,
    Boolean(bool),
    /// A number without fraction or exponent.
    Integer(i64),
    Double(f64),
    String(String),
    List(Vec<Document>),
    Map(BTreeMap<String, Document>),
}
