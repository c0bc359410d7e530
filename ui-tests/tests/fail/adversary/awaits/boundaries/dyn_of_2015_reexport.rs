// The same, where the module leads to this crate too.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! handler_of {
    ($name:ident) => {
        mod $name {
            #[allow(unused_imports)]
            pub use ::shortlease;
            pub mod shortlease_edition_2015 {
                macro_rules! place {
                    () => {
                        *{
                            println!("{}", crate::remote().await);
                            Box::leak(Box::new(1))
                        }
                    };
                }
                pub(crate) use place;
            }
        }

        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                *&mut $name::shortlease_edition_2015::place!() = 2;
                Ok(())
            })
            .await
        }
    };
}

shortlease_edition_2015::with_dyn!(handler_of);

fn main() {}
