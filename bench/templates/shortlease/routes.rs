use std::pin::Pin;

use shortlease::{Postgres, Session};

use crate::backend::Backend;
use crate::error::Error;
use crate::handlers::*;

pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<String, Error>> + Send + 'a>>;
pub type Handler = for<'a> fn(&'a mut Session<Postgres>, &'a Backend, i64, &'a str) -> Answer<'a>;
