//! Contents in a bucket, at the store that `scripts/deep.d/s3` starts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use uuid::Uuid;

use crate::documents::Reception;
use crate::ground::objects::wait;
use crate::ground::random;
use crate::ground::s3::tests::Scratch;

fn random_id() -> Uuid {
    Uuid::from_bytes(random::bytes())
}

#[test]
#[ignore = "needs the store that scripts/deep.d/s3 starts"]
fn equal_contents_are_two_objects_that_are_not_equal() {
    let scratch = Scratch::new();
    let objects = &scratch.objects;
    let content = b"%PDF-1.7\nSaw Edith at home.";
    let stored = [random_id(), random_id()].map(|id| {
        wait(async {
            let mut reception = Reception::begin(objects, id.into(), None).await?;
            reception.take(content).await?;
            reception.finish().await?;
            objects.read(id, 0..60).await
        })
        .unwrap()
    });
    assert_eq!(scratch.addresses().len(), 2);
    assert_ne!(stored[0], stored[1]);
    assert!(stored.iter().all(|stored| !stored.windows(9).any(|window| window == b"Saw Edith")), "sealed");
}

#[test]
#[ignore = "needs the store that scripts/deep.d/s3 starts"]
fn sixteen_contents_that_arrive_at_once_take_less_than_a_hundred_mebibytes() {
    let scratch = Scratch::new();
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let (before, most, done) = (memory(), AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(memory(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(5));
            }
        });
        let take_in = || {
            wait(async {
                let mut reception = Reception::begin(&scratch.objects, random_id().into(), None).await?;
                for _ in 0..1_280 {
                    reception.take(&[b'x'; 16 * 1024]).await?;
                }
                reception.finish().await
            })
        };
        let taken: Vec<_> = (0..16).map(|_| threads.spawn(take_in)).collect();
        let taken: Vec<_> = taken.into_iter().map(|one| one.join().unwrap().map(|received| received.size)).collect();
        done.store(true, Ordering::Relaxed);
        assert!(taken.iter().all(|size| matches!(size, Ok(20_971_520))), "{taken:?}");
    });
    let taken = most.load(Ordering::Relaxed).saturating_sub(before) / 1024;
    eprintln!("sixteen contents of 20 MiB at once: {taken} MiB");
    assert!(taken < 100, "{taken} MiB");
}
