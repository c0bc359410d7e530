//! Fragments of macros around bodies, in members and signatures, that bind as they do without the attribute.
#![deny(warnings)]

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn one(conn: &mut Conn<Sqlite>) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)
}

macro_rules! items {
    ($sum:expr, $shared:ty) => {
        struct Tools;

        #[handler]
        impl Tools {
            const MEMBER: usize = $sum * 2;

            async fn call(db: &mut Session<Sqlite>) -> Result<i64, Error> {
                db.lease(async |conn| one(conn).await).await
            }
        }

        #[leased]
        trait Repository {
            const DEFAULT: usize = $sum * 2;

            async fn read(&self, conn: &mut Conn<Sqlite>) -> Result<i64, Error>;
        }

        #[leased]
        impl Repository for Tools {
            async fn read(&self, conn: &mut Conn<Sqlite>) -> Result<i64, Error> {
                one(conn).await
            }
        }

        #[leased]
        trait Shared<'a> {
            type All;

            async fn read(&self, conn: &mut Conn<Sqlite>) -> Result<i64, Error>;
        }

        #[leased]
        impl<'a> Shared<'a> for &'a $shared {
            type All = &'a $shared;

            async fn read(&self, conn: &mut Conn<Sqlite>) -> Result<i64, Error> {
                one(conn).await
            }
        }

        #[handler]
        mod tools {
            use super::*;

            pub(super) const CONSTANT: usize = $sum * 2;
            pub(super) static STATIC: usize = $sum * 2;

            pub(super) async fn call(
                db: &mut Session<Sqlite>,
                of: [u8; $sum * 2],
                shared: &$shared,
            ) -> Result<[i64; $sum * 2], Error> {
                let _ = shared;
                let one = db
                    .lease(async |conn| {
                        fn same<'a>(shared: &'a $shared) -> &'a $shared {
                            shared
                        }
                        let _ = same(&());
                        one(conn).await
                    })
                    .await?;
                Ok(of.map(|n| i64::from(n) + one))
            }
        }
    };
}

items!(1 + 2, dyn Send + Sync);

/// Arms that are closures, or begin with a type.
#[handler]
async fn arms(db: &mut Session<Sqlite>, n: i64) -> Result<(String, bool, i64), Error> {
    db.lease(async |conn| {
        let both: fn(i64, i64) -> String = match n {
            1 => |a, b| format!("{a}{b}"),
            _ => |a, b| format!("{b}{a}"),
        };
        let (one, two) = (one(conn).await?, n | 2);
        let same: &dyn Fn(i64, i64) -> bool = match two {
            2 | 3 => &|a, b| matches!((a, b), (1, 3)),
            _ => &|_, _| false,
        };
        let more = match one {
            1 => <i64 as Joined<i64, u8>>::joined(one, format!("{one}").len()),
            _ => one | two,
        };
        Ok((both(one, two), same(one, two), more))
    })
    .await
}

trait Joined<A, B> {
    fn joined(self, more: usize) -> i64;
}

impl Joined<i64, u8> for i64 {
    fn joined(self, more: usize) -> i64 {
        self + i64::try_from(more).unwrap_or(0)
    }
}

/// An assertion of one value, with a comma in it.
#[handler]
async fn asserted(db: &mut Session<Sqlite>) -> Result<(), Error> {
    #[leased]
    async fn is<A, B>(conn: &mut Conn<Sqlite>) -> Result<bool, Error> {
        Ok(size_of::<A>() == size_of::<B>() && one(conn).await? == 1)
    }
    db.lease(async |conn| {
        assert!(is::<u8, u16>(conn).await?);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!([Tools::MEMBER, Tools::DEFAULT, tools::CONSTANT, tools::STATIC], [6; 4]);
    assert_eq!(Tools::call(&mut session).await.unwrap(), 1);
    assert_eq!(tools::call(&mut session, [1; 6], &()).await.unwrap(), [2; 6]);
    assert_eq!(arms(&mut session, 1).await.unwrap(), ("13".to_owned(), true, 2));
    let text = tokio::spawn(async move { asserted(&mut session).await });
    let panic = text.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    assert_eq!(text, "assertion failed: is::<u8, u16>(conn).await?");
}
