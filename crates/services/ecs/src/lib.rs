//! Amazon ECS: clusters, task definitions, container instances, tasks.
