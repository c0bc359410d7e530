// The lease in the `Drop` of something.
use shortlease::{Session, Sqlite};
use shortlease_ui_tests::remote;

pub struct Guard(pub Option<Session<Sqlite>>);
impl Drop for Guard {
    fn drop(&mut self) {
        let Some(mut db) = self.0.take() else { return };
        tokio::spawn(async move {
            let _ = db.lease(async |_conn| Ok::<_, shortlease::Error>(remote().await)).await;
        });
    }
}

fn main() {}
