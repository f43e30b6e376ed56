//! A line between two processes that a test can cut, hold up or let hang. It looks at no byte.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// What happens to connections; numbers that rise concern those that are open then.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    cuts: u64,
    hangs: u64,
    delay: Duration,
}

/// Listens, and passes everything on until it is told otherwise.
#[derive(Debug)]
pub struct Line {
    weather: watch::Sender<Weather>,
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Line {
    /// From this address (port 0 = any) to that one.
    pub fn new(from: SocketAddr, to: SocketAddr) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (weather, seen) = watch::channel(Weather::default());
        let listener = runtime.block_on(TcpListener::bind(from)).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let handle = tokio::runtime::Handle::current();
            while let Ok((near, _)) = listener.accept().await {
                handle.spawn(join(near, to, seen.clone()));
            }
        });
        Self { weather, address, _runtime: runtime }
    }

    /// Open connections end; new ones are taken.
    pub fn cut(&self) {
        self.weather.send_modify(|weather| weather.cuts += 1);
    }

    /// Open connections stay open and carry nothing any more, and nobody is told; new ones work.
    pub fn hang(&self) {
        self.weather.send_modify(|weather| weather.hangs += 1);
    }

    /// Everything takes longer by so much, each way.
    pub fn delay(&self, delay: Duration) {
        self.weather.send_modify(|weather| weather.delay = delay);
    }
}

async fn join(near: TcpStream, to: SocketAddr, weather: watch::Receiver<Weather>) {
    let Ok(far) = TcpStream::connect(to).await else { return };
    for end in [&near, &far] {
        drop(end.set_nodelay(true));
    }
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = pass((near_read, far_write), weather.clone()) => {}
        () = pass((far_read, near_write), weather) => {}
    }
}

async fn pass(
    (mut from, mut to): (OwnedReadHalf, OwnedWriteHalf),
    mut weather: watch::Receiver<Weather>,
) {
    let born = *weather.borrow_and_update();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Weather { cuts, hangs, delay } = *weather.borrow_and_update();
        if cuts != born.cuts {
            return;
        }
        let read = async {
            if hangs == born.hangs {
                from.read(&mut buffer).await
            } else {
                std::future::pending().await
            }
        };
        tokio::select! {
            changed = weather.changed() => if changed.is_err() { return },
            read = read => {
                let Ok(length @ 1..) = read else { return };
                tokio::time::sleep(delay).await;
                if to.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
