3 hosts; web desired=3 breaker=rollback failures=2 check
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (0 healthy), 0 leave, 0 are stopping.
healthy
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h1, b2 on h2, b3 on h3
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task b1) (task b2) (task b3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 0 stay (0 healthy), 3 leave, 0 are stopping.
run
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (0 healthy), 3 leave, 0 are stopping.
unhealthy b1
  stop b1: Task failed container health checks
  event: (service web) (task b1) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task b1).
  why: 3 desired, at least 3 healthy and at most 6 in all: 2 stay (0 healthy), 4 leave, 0 are stopping. 1 more wait for room under the ceiling of 6. Stops 1 unhealthy, those where there are most first.
gone
  start b4 on h1
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 1 failed
  event: (service web) has started 1 tasks: (task b4).
  why: 1 tasks failed; 2 failures are too many. 3 desired, at least 3 healthy and at most 6 in all: 2 stay (0 healthy), 3 leave, 0 are stopping.
run
  nothing to do
  why: 1 tasks failed; 2 failures are too many. 3 desired, at least 3 healthy and at most 6 in all: 3 stay (0 healthy), 3 leave, 0 are stopping.
# A healthy task makes earlier failures forgotten.
healthy b2
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (1 healthy), 3 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
unhealthy b3
  stop b3: Task failed container health checks
  event: (service web) (task b3) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task b3).
  why: 3 desired, at least 3 healthy and at most 6 in all: 2 stay (1 healthy), 3 leave, 1 are stopping. 1 more wait for room under the ceiling of 6. Stops 1 unhealthy, those where there are most first.
gone
  start b5 on h1
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 1 failed
  event: (service web) has started 1 tasks: (task b5).
  why: 1 tasks failed; 2 failures are too many. 3 desired, at least 3 healthy and at most 6 in all: 2 stay (1 healthy), 2 leave, 0 are stopping.
run
  nothing to do
  why: 1 tasks failed; 2 failures are too many. 3 desired, at least 3 healthy and at most 6 in all: 3 stay (1 healthy), 2 leave, 0 are stopping.
unhealthy b4 b5
  start b6 on h3
  stop b4 b5: Task failed container health checks
  event: (service web) has started 1 tasks: (task b6). Amazon ECS replaced 1 tasks due to an unhealthy status.
  event: (service web) (task b4) failed container health checks.
  event: (service web) (task b5) failed container health checks.
  event: (service web) has stopped 2 running tasks: (task b4) (task b5).
  why: 1 tasks failed; 2 failures are too many. 3 desired, at least 3 healthy and at most 6 in all: 1 stay (1 healthy), 4 leave, 0 are stopping. 1 more wait for room under the ceiling of 6. Stops 2 unhealthy, those where there are most first.
gone
  start a4 on h1
  stop b6: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 1 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 3 failed
  event: (service web) has started 1 tasks: (task a4).
  event: (service web) stopped 1 pending tasks.
  event: (service web) (deployment b) deployment failed: tasks failed to start.
  event: (service web) rolling back to deployment a.
  why: 3 tasks failed; 2 failures are too many. Deployment b has failed; the service goes back to a. 3 desired, at least 3 healthy and at most 6 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. Stops 1 not yet healthy, those where there are most first.
go on
  ...
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (2 healthy), 1 leave, 0 are stopping.
  ...
  stop b2: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 3 failed
  event: (service web) has stopped 1 running tasks: (task b2).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 3 failed
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
