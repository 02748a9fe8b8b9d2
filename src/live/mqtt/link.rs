//! One connection to a broker through rumqttc. Nothing else names that library: another client would be put here.

use std::path::Path;
use std::time::Duration;

use rumqttc::mqttbytes::Error as PacketError;
use rumqttc::{
    Client, ConnectReturnCode, Connection, ConnectionError, Event, MqttOptions, NetworkOptions, Packet, QoS,
    StateError, SubscribeReasonCode, TlsConfiguration, TlsError, Transport,
};

use super::super::address::Address;
use super::super::error::LiveError;
use super::super::tls;
use crate::base::message::Message;

/// Packets up to this size are taken in as a matter of course; what is in them may still be put aside.
pub const USUAL_PACKET: usize = 16 * 1024 * 1024;
/// The largest that MQTT allows: to get rid of a poisoned message that the broker would send for ever.
pub const ANY_PACKET: usize = 268_435_455;
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT_S: u64 = 5;

/// How to connect.
#[derive(Debug, Clone)]
pub struct LinkOptions {
    pub address: Address,
    pub client_id: String,
    pub password: Option<String>,
    pub ca: Option<std::path::PathBuf>,
    pub persistent: bool,
    pub largest_packet: usize,
}

/// What happened on the connection.
pub enum Happened {
    Connected,
    /// The broker agreed to, or refused, the subscriptions.
    Subscribed {
        refused: usize,
    },
    Message {
        topic: String,
        payload: bytes_of_library::Payload,
    },
    /// A message of ours arrived at the broker.
    Delivered,
    Nothing,
}

/// The payload as the library hands it over, without a copy.
pub mod bytes_of_library {
    pub struct Payload(pub(super) rumqttc::Publish);

    impl std::ops::Deref for Payload {
        type Target = [u8];

        fn deref(&self) -> &[u8] {
            &self.0.payload
        }
    }
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Ended {
    Error(LiveError),
    /// A packet larger than was allowed stands in the way.
    TooLarge,
    /// We closed it.
    Closed,
}

pub struct Link {
    client: Client,
    connection: Connection,
    host: String,
}

impl Link {
    /// Prepares a connection; nothing is sent before [`Self::wait`].
    ///
    /// # Errors
    /// When the certificates cannot be read.
    pub fn new(options: &LinkOptions) -> Result<Self, LiveError> {
        let LinkOptions { address, client_id, password, ca, persistent, largest_packet } = options;
        let mut mqtt = MqttOptions::new(client_id.clone(), address.host.clone(), address.port);
        mqtt.set_keep_alive(KEEP_ALIVE);
        mqtt.set_clean_session(!persistent);
        mqtt.set_max_packet_size(*largest_packet, USUAL_PACKET);
        mqtt.set_inflight(1000);
        if let Some(name) = &address.username {
            let word = password.as_ref().or(address.password.as_ref());
            mqtt.set_credentials(name.clone(), word.cloned().unwrap_or_default());
        }
        if address.secure {
            mqtt.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls::client(
                ca.as_deref().map(Path::new),
            )?)));
        }
        let (client, mut connection) = Client::new(mqtt, 2000);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(CONNECT_TIMEOUT_S);
        connection.eventloop.set_network_options(network);
        Ok(Self { client, connection, host: format!("{}:{}", address.host, address.port) })
    }

    /// A handle to ask things of the connection from elsewhere.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle(self.client.clone())
    }

    /// Waits for what happens next.
    ///
    /// # Errors
    /// [`Ended`] when the connection is over, or never came about.
    pub fn wait(&mut self) -> Result<Happened, Ended> {
        match self.connection.recv() {
            Ok(Ok(event)) => Ok(happened(event)),
            Ok(Err(error)) => Err(self.ended(error)),
            Err(_) => Err(Ended::Closed),
        }
    }

    fn ended(&self, error: ConnectionError) -> Ended {
        let host = self.host.clone();
        Ended::Error(match error {
            ConnectionError::MqttState(StateError::Deserialization(PacketError::PayloadSizeLimitExceeded(_))) => {
                return Ended::TooLarge;
            }
            ConnectionError::MqttState(StateError::Io(error)) | ConnectionError::Io(error) => {
                tls::explain_io(&error, &host)
            }
            ConnectionError::Tls(TlsError::TLS(error)) => tls::explain(&error, &host),
            ConnectionError::Tls(TlsError::Io(error)) => tls::explain_io(&error, &host),
            ConnectionError::Tls(TlsError::DNSName(_)) => LiveError::WrongHost { host },
            ConnectionError::Tls(other) => LiveError::Tls { reason: other.to_string(), host },
            ConnectionError::ConnectionRefused(
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
            ) => LiveError::WrongPassword { host },
            ConnectionError::ConnectionRefused(code) => LiveError::Protocol { reason: format!("{code:?}"), host },
            ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
                LiveError::Unreachable { reason: Message::new("sensor-net-slow"), host }
            }
            other => LiveError::Protocol { reason: other.to_string(), host },
        })
    }
}

fn happened(event: Event) -> Happened {
    match event {
        Event::Incoming(Packet::ConnAck(_)) => Happened::Connected,
        Event::Incoming(Packet::SubAck(ack)) => {
            let refused = ack.return_codes.iter().filter(|c| matches!(c, SubscribeReasonCode::Failure)).count();
            Happened::Subscribed { refused }
        }
        Event::Incoming(Packet::Publish(publish)) => {
            Happened::Message { topic: publish.topic.clone(), payload: bytes_of_library::Payload(publish) }
        }
        Event::Incoming(Packet::PubAck(_) | Packet::PubComp(_)) => Happened::Delivered,
        _ => Happened::Nothing,
    }
}

/// Asks things of a connection. Dropping all handles does not close it.
#[derive(Clone)]
pub struct Handle(Client);

impl Handle {
    /// Asks for topics; the answer comes as [`Happened::Subscribed`]. Whether the connection could be asked.
    #[must_use]
    pub fn subscribe(&self, filters: &[String], qos: u8) -> bool {
        let filters = filters.iter().map(|f| rumqttc::SubscribeFilter::new(f.clone(), quality(qos)));
        self.0.try_subscribe_many(filters).is_ok()
    }

    /// Waits when too much is under way; whether the connection still takes messages.
    #[must_use]
    pub fn publish(&self, topic: &str, payload: Vec<u8>, qos: u8) -> bool {
        self.0.publish(topic, quality(qos), false, payload).is_ok()
    }

    pub fn close(&self) {
        let _ = self.0.try_disconnect();
    }
}

fn quality(qos: u8) -> QoS {
    match qos {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    }
}
