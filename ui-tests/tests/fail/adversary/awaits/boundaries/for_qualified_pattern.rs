// A loop whose pattern begins with `<`, as a `for<'a>` does, and whose body has a macro of its own.

use shortlease::{Error, Session, Sqlite, handler};

mod tame {
    #[allow(unused_macros)]
    macro_rules! tame {
        () => {
            *Box::leak(Box::new(1))
        };
    }
    pub(crate) use tame as wait;
}

mod wild {
    macro_rules! wait {
        () => {
            *{
                println!("{}", shortlease_ui_tests::remote().await);
                Box::leak(Box::new(1))
            }
        };
    }
    pub(crate) use wait;
}

#[allow(unused_imports)]
use tame::wait;

struct Unit;
trait Place {
    const HERE: ();
}
impl Place for Unit {
    const HERE: () = ();
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        for <Unit as Place>::HERE in [()] {
            use wild::wait;
            *&mut wait!() = 2;
        }
        Ok(())
    })
    .await
}

fn main() {}
