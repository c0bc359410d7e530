use std::pin::Pin;

use sqlx::PgPool;

use crate::backend::Backend;
use crate::error::Error;
use crate::handlers::*;

pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<String, Error>> + Send + 'a>>;
pub type Handler = for<'a> fn(&'a PgPool, &'a Backend, i64, &'a str) -> Answer<'a>;
