use futures_util::future::{BoxFuture, FutureExt, ready};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo};
use sqlx::{Arguments, Encode, Executor, PgConnection, Postgres, SqlStr, Type};

/// A type that nobody can create: the prefix of its schema is the server's.
const NOWHERE: &str = "pg_shortlease.nowhere";

/// `integer[]`.
const INTEGERS: Oid = Oid(1007);

/// Has `sqlx` look up the types of a text, without running it.
///
/// `sqlx` 0.9 asks for the types of a result that it does not know between Parse and Bind, by a simple query.
/// To that the server loses a statement without a name, and Bind fails with 26000 (sqlx #4305). So the text is
/// parsed before, with an argument that cannot be sent: `sqlx` has looked up the types when it finds out.
pub(super) fn look_up<'c>(
    connection: &'c mut PgConnection,
    text: &SqlStr,
    arguments: &PgArguments,
) -> BoxFuture<'c, Result<(), sqlx::Error>> {
    if placeholders(text.as_str()) > arguments.len() {
        // The server says so. With one argument more, it would say something else.
        return ready(Ok(())).boxed();
    }
    let mut arguments = arguments.clone();
    if let Err(error) = arguments.add(Vec::<Nowhere>::new()) {
        return ready(Err(sqlx::Error::Encode(error))).boxed();
    }
    let parsed = sqlx::query_with(text.clone(), arguments).persistent(false);
    async move {
        match connection.execute(parsed).await {
            Err(sqlx::Error::TypeNotFound { type_name }) if type_name == NOWHERE => Ok(()),
            other => other.map(drop),
        }
    }
    .boxed()
}

/// Returns the highest number of a placeholder, or of what looks like one.
fn placeholders(text: &str) -> usize {
    let numbers = text.split('$').skip(1).filter_map(|after| {
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        after[..end].parse().ok()
    });
    numbers.max().unwrap_or(0)
}

/// An element of an array, of a type that does not exist. The array's own type does.
struct Nowhere;

impl Type<Postgres> for Nowhere {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name(NOWHERE)
    }
}

impl PgHasArrayType for Nowhere {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(INTEGERS)
    }
}

impl Encode<'_, Postgres> for Nowhere {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_counted() {
        for (text, highest) in [
            ("SELECT 1", 0),
            ("SELECT $1", 1),
            ("SELECT $2 + $11::int, $3", 11),
            ("SELECT $$a$$, $tag$", 0),
            ("SELECT $", 0),
        ] {
            assert_eq!(placeholders(text), highest, "{text}");
        }
    }
}
