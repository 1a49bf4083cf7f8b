//! The closed vocabularies of ECS: statuses, stop codes, launch types.
//!
//! Text is AWS's spelling. In the store a word is its number, which is never reused or renumbered.
//! Which status may follow which is decided in `lifecycle`; here is only their order.

use std::fmt;
use std::str::FromStr;

/// A text that is not a word of the vocabulary asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {vocabulary}; expected one of {expected}", expected = expected.join(", "))]
pub struct UnknownWord {
    pub vocabulary: &'static str,
    pub word: String,
    pub expected: &'static [&'static str],
}

macro_rules! vocabulary {
    (
        $(#[$doc:meta])*
        $name:ident is $kind:literal {
            $($(#[$word_doc:meta])* $word:ident = $number:literal $text:literal),+ $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $word),+
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [$name] = &[$($name::$word),+];

            const WORDS: &'static [&'static str] = &[$($text),+];

            /// AWS's spelling.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$word => $text),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($text => Ok($name::$word),)+
                    _ => Err(UnknownWord { vocabulary: $kind, word: word.to_owned(), expected: Self::WORDS }),
                }
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.u8(match self {
                    $($name::$word => $number),+
                })?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let at = d.position();
                match d.u8()? {
                    $($number => Ok($name::$word),)+
                    other => Err(minicbor::decode::Error::unknown_variant(other.into()).at(at)),
                }
            }
        }
    };
}

vocabulary! {
    /// What a task is doing, in the order of its life.
    TaskStatus is "task status" {
        Provisioning = 0 "PROVISIONING",
        Pending = 1 "PENDING",
        Activating = 2 "ACTIVATING",
        Running = 3 "RUNNING",
        Deactivating = 4 "DEACTIVATING",
        Stopping = 5 "STOPPING",
        Deprovisioning = 6 "DEPROVISIONING",
        Stopped = 7 "STOPPED",
        Deleted = 8 "DELETED",
    }
}

vocabulary! {
    /// What a task is meant to become.
    DesiredStatus is "desired status" {
        Pending = 0 "PENDING",
        Running = 1 "RUNNING",
        Stopped = 2 "STOPPED",
    }
}

vocabulary! {
    /// What a container is doing, in the order of its life.
    ///
    /// The API shows `PENDING`, `RUNNING` and `STOPPED`; agents also report the steps between.
    ContainerStatus is "container status" {
        Pending = 0 "PENDING",
        /// The image is there.
        Pulled = 1 "PULLED",
        Created = 2 "CREATED",
        Running = 3 "RUNNING",
        /// Everything the container needs around it is there too, such as its network.
        ResourcesProvisioned = 4 "RESOURCES_PROVISIONED",
        Stopped = 5 "STOPPED",
    }
}

vocabulary! {
    ContainerInstanceStatus is "container instance status" {
        Registering = 0 "REGISTERING",
        Active = 1 "ACTIVE",
        Draining = 2 "DRAINING",
        Deregistering = 3 "DEREGISTERING",
        Inactive = 4 "INACTIVE",
        RegistrationFailed = 5 "REGISTRATION_FAILED",
    }
}

vocabulary! {
    /// Who or what stopped a task.
    StopCode is "stop code" {
        TaskFailedToStart = 0 "TaskFailedToStart",
        EssentialContainerExited = 1 "EssentialContainerExited",
        UserInitiated = 2 "UserInitiated",
        ServiceSchedulerInitiated = 3 "ServiceSchedulerInitiated",
        SpotInterruption = 4 "SpotInterruption",
        TerminationNotice = 5 "TerminationNotice",
        InfrastructureHealth = 6 "InfrastructureHealth",
    }
}

vocabulary! {
    LaunchType is "launch type" {
        Ec2 = 0 "EC2",
        Fargate = 1 "FARGATE",
        External = 2 "EXTERNAL",
        ManagedInstances = 3 "MANAGED_INSTANCES",
    }
}

vocabulary! {
    NetworkMode is "network mode" {
        Bridge = 0 "bridge",
        Host = 1 "host",
        AwsVpc = 2 "awsvpc",
        None = 3 "none",
    }
}

vocabulary! {
    HealthStatus is "health status" {
        Unknown = 0 "UNKNOWN",
        Healthy = 1 "HEALTHY",
        Unhealthy = 2 "UNHEALTHY",
    }
}

vocabulary! {
    ClusterStatus is "cluster status" {
        Active = 0 "ACTIVE",
        Provisioning = 1 "PROVISIONING",
        Deprovisioning = 2 "DEPROVISIONING",
        Failed = 3 "FAILED",
        Inactive = 4 "INACTIVE",
    }
}

vocabulary! {
    TaskDefinitionStatus is "task definition status" {
        Active = 0 "ACTIVE",
        Inactive = 1 "INACTIVE",
        DeleteInProgress = 2 "DELETE_IN_PROGRESS",
    }
}

vocabulary! {
    ServiceStatus is "service status" {
        Active = 0 "ACTIVE",
        /// Deleted; its tasks are being stopped.
        Draining = 1 "DRAINING",
        Inactive = 2 "INACTIVE",
    }
}

vocabulary! {
    SchedulingStrategy is "scheduling strategy" {
        Replica = 0 "REPLICA",
        Daemon = 1 "DAEMON",
    }
}

vocabulary! {
    /// Who says which tasks of which revision a service has.
    DeploymentController is "deployment controller" {
        Ecs = 0 "ECS",
        CodeDeploy = 1 "CODE_DEPLOY",
        External = 2 "EXTERNAL",
    }
}

vocabulary! {
    /// How far a deployment of the rolling kind has come.
    RolloutState is "rollout state" {
        Completed = 0 "COMPLETED",
        Failed = 1 "FAILED",
        InProgress = 2 "IN_PROGRESS",
    }
}

vocabulary! {
    ServiceDeploymentStatus is "service deployment status" {
        Pending = 0 "PENDING",
        Successful = 1 "SUCCESSFUL",
        Stopped = 2 "STOPPED",
        StopRequested = 3 "STOP_REQUESTED",
        InProgress = 4 "IN_PROGRESS",
        RollbackRequested = 5 "ROLLBACK_REQUESTED",
        RollbackInProgress = 6 "ROLLBACK_IN_PROGRESS",
        RollbackSuccessful = 7 "ROLLBACK_SUCCESSFUL",
        RollbackFailed = 8 "ROLLBACK_FAILED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives<T>(all: &[T])
    where
        T: Copy
            + PartialEq
            + fmt::Debug
            + fmt::Display
            + FromStr<Err = UnknownWord>
            + minicbor::Encode<()>,
        T: for<'b> minicbor::Decode<'b, ()>,
    {
        for &word in all {
            assert_eq!(word.to_string().parse::<T>(), Ok(word));
            let stored = minicbor::to_vec(word).unwrap();
            assert_eq!(minicbor::decode::<T>(&stored).unwrap(), word);
        }
        assert!(minicbor::decode::<T>(&minicbor::to_vec(200_u8).unwrap()).is_err());
    }

    #[test]
    fn every_word_survives_text_and_store() {
        survives(TaskStatus::ALL);
        survives(DesiredStatus::ALL);
        survives(ContainerStatus::ALL);
        survives(ContainerInstanceStatus::ALL);
        survives(StopCode::ALL);
        survives(LaunchType::ALL);
        survives(NetworkMode::ALL);
        survives(HealthStatus::ALL);
        survives(ClusterStatus::ALL);
        survives(TaskDefinitionStatus::ALL);
        survives(ServiceStatus::ALL);
        survives(SchedulingStrategy::ALL);
        survives(DeploymentController::ALL);
        survives(RolloutState::ALL);
        survives(ServiceDeploymentStatus::ALL);
    }

    #[test]
    fn a_task_lives_in_order() {
        assert!(TaskStatus::ALL.is_sorted());
        assert!(
            TaskStatus::Activating < TaskStatus::Running
                && TaskStatus::Stopping < TaskStatus::Stopped
        );
        assert!(ContainerStatus::ALL.is_sorted());
    }

    #[test]
    fn an_unknown_word_is_told_with_the_known_ones() {
        assert_eq!(
            "ec2".parse::<LaunchType>().unwrap_err().to_string(),
            "`ec2` is not a launch type; expected one of EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES"
        );
    }
}
