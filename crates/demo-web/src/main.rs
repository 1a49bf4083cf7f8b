//! A one-page web server: the demo image holds this program and nothing else.

fn main() {}
