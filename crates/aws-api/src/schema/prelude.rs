//! Shapes without a trait of their own. Models name hundreds of plain strings; they all share one table entry.

use super::{Kind, Shape};

pub static BOOLEAN: Shape = Shape::new("Boolean", Kind::Boolean);
pub static INTEGER: Shape = Shape::new("Integer", Kind::Integer);
pub static LONG: Shape = Shape::new("Long", Kind::Long);
pub static FLOAT: Shape = Shape::new("Float", Kind::Float);
pub static DOUBLE: Shape = Shape::new("Double", Kind::Double);
pub static STRING: Shape = Shape::new("String", Kind::String);
pub static BLOB: Shape = Shape::new("Blob", Kind::Blob);
pub static TIMESTAMP: Shape = Shape::new("Timestamp", Kind::Timestamp);
pub static DOCUMENT: Shape = Shape::new("Document", Kind::Document);
/// The input or output of an operation that has none.
pub static UNIT: Shape = Shape::structure("Unit", &[]);
