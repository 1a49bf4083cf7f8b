//! AWS's API shapes, generated from service models: types, schemas, validation, errors.
//!
//! ```
//! use berth_aws_api::{Structure, View, schema::{Kind, Member, Shape, prelude::STRING}, structure};
//!
//! // What codegen writes for a structure: the fields, the table, and one line that ties them.
//! #[derive(Clone, Default, PartialEq)]
//! struct Tag { key: Option<String>, value: Option<String> }
//! static TAG: Shape = Shape::structure("Tag", &[Member::new("key", &STRING).required(), Member::new("value", &STRING)]);
//! structure!(Tag: TAG [0 key, 1 value]);
//!
//! let tag = Tag { value: Some("blue".into()), ..Default::default() };
//! assert!(matches!(tag.get(1), Some(View::String("blue"))));
//! assert_eq!(
//!     tag.validate().unwrap_err().to_string(),
//!     "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null",
//! );
//! ```
//!
//! Types know nothing of any wire; `aws-protocol` turns them into bytes by walking [`schema`] and
//! [`value`] together. Nothing here stores or decides. `generated/` is written by `cargo xtask codegen`
//! from `models/`: each service is a module behind a feature of its name. Start with [`schema`].

pub mod document;
pub mod enumeration;
pub mod error;
pub mod operation;
pub mod path;
pub mod schema;
pub mod structure;
pub mod validate;
pub mod value;

mod generated;

pub use document::Document;
pub use generated::*;

pub use error::{ErrorSchema, Fault, ServiceError};
pub use operation::{Http, Operation, OperationSchema, ProtocolName, ServiceSchema};
pub use path::Path;
pub use structure::{Structure, Unit};
pub use validate::Violations;
pub use value::{Target, Value, View};
