//! Whatever is a matter of time alone, on a clock that a test moves.

use std::time::Duration;

use tokio::time::Instant;

use super::activity::Activity;

#[tokio::test(start_paused = true)]
async fn silence_begins_anew_with_each_word() {
    let activity = Activity::begin();
    let began = Instant::now();
    let talk = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(300)).await;
            activity.touch();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = talk => {}
        () = activity.silence(Duration::from_secs(350)) => {}
    }
    assert_eq!(began.elapsed(), Duration::from_secs(900 + 350));
}
