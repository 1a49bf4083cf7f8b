use std::io;

use tokio::net::UnixStream;

use super::wire::{Message, Wire};
use super::{Beginning, Estate, HandoverError, Succession, begin};

/// As somebody from another time would be answered.
#[tokio::test]
async fn whoever_speaks_something_else_is_refused_by_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let Ok(Beginning::First(tenure)) = begin(folder.path(), "1.0", false).await else {
        panic!("nobody is there");
    };
    let lend = async || io::Result::Ok((Estate::default(), ()));
    let stranger = async {
        let stream = super::tenure::knock(folder.path()).await.expect("somebody listens");
        let mut wire = Wire::over(stream);
        let hello = Message::Hello { speaks: vec![7, 8], version: "9.0".to_owned() };
        wire.say(&hello).await.expect("somebody hears");
        wire.hear().await.expect("an answer")
    };
    tokio::select! {
        _ = tenure.succeeded("1.0", lend) => panic!("they do not understand each other"),
        answer = stranger => {
            let reason = "this is 1.0, which speaks 1, not [7, 8]".to_owned();
            assert_eq!(answer, Message::Refused { reason });
        }
    }

    let (here, there) = UnixStream::pair().expect("two ends");
    let strange = async {
        let mut wire = Wire::over(there);
        let heard = wire.hear().await.expect("a greeting");
        assert_eq!(heard, Message::Hello { speaks: vec![1], version: "1.0".to_owned() });
        let (contents, _) = Estate::default().parts();
        let offer = Message::Offer { speaks: 7, version: "9.0".to_owned(), contents };
        wire.say(&offer).await.expect("somebody hears");
    };
    let (asked, ()) = tokio::join!(Succession::ask(here, "1.0"), strange);
    assert!(matches!(asked, Err(HandoverError::Refused(_))));
}

/// More than one message has room for.
#[tokio::test]
async fn any_number_of_sockets_goes_over() {
    let (here, there) = UnixStream::pair().expect("two ends");
    let given: Vec<std::os::fd::OwnedFd> = (0..200)
        .map(|_| std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port").into())
        .collect();
    let (mut here, mut there) = (Wire::over(here), Wire::over(there));
    let (gave, taken) = tokio::join!(here.give(given.iter()), there.take(given.len()));
    gave.expect("there is room");
    let address = |socket: std::os::fd::OwnedFd| {
        std::net::UdpSocket::from(socket).local_addr().expect("it is bound")
    };
    let taken: Vec<_> = taken.expect("all of them").into_iter().map(address).collect();
    let given: Vec<_> = given.into_iter().map(address).collect();
    assert_eq!(taken, given);
}

#[tokio::test]
async fn the_socket_is_its_owner_s_alone_however_long_the_folder_s_name_is() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let long = folder.path().join("x".repeat(200));
    std::fs::create_dir(&long).expect("it can be made");
    let Ok(Beginning::First(_tenure)) = begin(&long, "1.0", false).await else {
        panic!("nobody is there");
    };
    let mode = std::fs::metadata(long.join("handover.sock")).expect("it is there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}
