// A block behind a label from a macro, which is no struct.

#![allow(break_with_label_and_loop)]

use shortlease::{Error, Session, Sqlite, handler};

mod harmless {
    #[allow(unused_macros)]
    macro_rules! name_ {
        () => {
            String::new()
        };
    }
    pub(crate) use name_ as name;
}

mod remote {
    macro_rules! name_ {
        () => {
            shortlease_ui_tests::remote().await
        };
    }
    pub(crate) use name_ as name;
}

#[allow(unused_imports)]
use harmless::name;

macro_rules! handler_of {
    ($label:lifetime) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
            db.lease(async |conn| {
                sqlx::query("DELETE FROM calls").execute(conn).await?;
                let length = $label: loop {
                    break $label {
                        use remote::name;
                        let length = name!().len();
                        length
                    };
                };
                Ok(length)
            })
            .await
        }
    };
}

handler_of!('wait);

fn main() {}
