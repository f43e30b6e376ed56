//! The supervisor on its own.

use super::*;

const GRACE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_clean_stop_joins_every_task_and_thread() {
    let supervisor = Supervisor::new();
    let spawner = supervisor.spawner();
    let stop = spawner.token();
    let inner = spawner.clone();
    spawner.task("outer", async move {
        let stop = inner.token();
        inner.task("inner", async move {
            stop.cancelled().await;
            Ok(())
        });
        inner.token().cancelled().await;
        Ok(())
    });
    let (to_thread, from_test) = std::sync::mpsc::channel::<()>();
    spawner.thread("thread", move || {
        assert!(from_test.recv().is_err(), "the test hangs up");
        Ok(())
    });
    spawner.errand("errand", async {});
    stop.cancel();
    drop(to_thread);
    assert_eq!(supervisor.run_to_end(GRACE).await, Ok(()));
}

#[tokio::test]
async fn one_that_ends_outside_a_stop_stops_the_process_with_its_name() {
    let supervisor = Supervisor::new();
    supervisor.spawner().task("worker", async { Ok(()) });
    let stop = supervisor.token();
    supervisor.spawner().task("other", async move {
        stop.cancelled().await;
        Ok(())
    });
    let error = supervisor.run_to_end(GRACE).await.unwrap_err();
    assert_eq!(error.what, "worker ended without being asked to");
}

#[tokio::test]
async fn the_exit_code_of_the_first_failure_is_the_exit_code() {
    let supervisor = Supervisor::new();
    supervisor.spawner().thread("log", || Err(ComponentError::new(Exit::Refused, "no rights")));
    let error = supervisor.run_to_end(GRACE).await.unwrap_err();
    assert_eq!((error.exit, error.what.as_str()), (Exit::Refused, "log: no rights"));
}

#[tokio::test]
async fn a_panic_is_told_with_the_name() {
    let supervisor = Supervisor::new();
    supervisor.spawner().task("worker", async { panic!("planned") });
    let error = supervisor.run_to_end(GRACE).await.unwrap_err();
    assert_eq!(error.what, "worker: worker panicked");
}

#[tokio::test]
async fn one_that_does_not_stop_is_named_after_the_grace() {
    let supervisor = Supervisor::new();
    supervisor.spawner().task("stubborn", std::future::pending());
    supervisor.token().cancel();
    let error = supervisor.run_to_end(Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(error.what, "did not stop within 20ms: stubborn");
}
