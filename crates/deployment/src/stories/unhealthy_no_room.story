3 hosts; web desired=4 min=75 max=100 check
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 3 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  nothing to do
  why: 4 desired, at least 3 healthy and at most 4 in all: 4 stay (0 healthy), 0 leave, 0 are stopping.
healthy
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 3 healthy and at most 4 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# Without room the unhealthy ones go first, down to the floor. Protection is against scale-in only.
protect a1 1h
  nothing to do
  why: 4 desired, at least 3 healthy and at most 4 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
unhealthy a1 a2
  stop a1: Task failed container health checks
  event: (service web) (task a1) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 4 desired, at least 3 healthy and at most 4 in all: 2 stay (2 healthy), 2 leave, 0 are stopping. 2 more wait for room under the ceiling of 4. Stops 1 unhealthy, those where there are most first.
gone
  start a5 on h1
  event: (service web) has started 1 tasks: (task a5). Amazon ECS replaced 1 tasks due to an unhealthy status.
  why: 4 desired, at least 3 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. 1 more wait for room under the ceiling of 4.
# Replacements that are not RUNNING count for nothing.
run
  stop a2: Task failed container health checks
  event: (service web) (task a2) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 4 desired, at least 3 healthy and at most 4 in all: 3 stay (2 healthy), 1 leave, 0 are stopping. 1 more wait for room under the ceiling of 4. Stops 1 unhealthy, those where there are most first.
healthy
  nothing to do
  why: 4 desired, at least 3 healthy and at most 4 in all: 3 stay (3 healthy), 0 leave, 1 are stopping. 1 more wait for room under the ceiling of 4.
gone
  start a6 on h2
  event: (service web) has started 1 tasks: (task a6).
  why: 4 desired, at least 3 healthy and at most 4 in all: 3 stay (3 healthy), 0 leave, 0 are stopping.
run
  nothing to do
  why: 4 desired, at least 3 healthy and at most 4 in all: 4 stay (3 healthy), 0 leave, 0 are stopping.
healthy
  event: (service web) has reached a steady state.
  why: 4 desired, at least 3 healthy and at most 4 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# Even if none is well, they go one by one.
unhealthy
  stop a4: Task failed container health checks
  event: (service web) (task a4) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task a4).
  why: 4 desired, at least 3 healthy and at most 4 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. 4 more wait for room under the ceiling of 4. Stops 1 unhealthy, those where there are most first.
gone
  start a7 on h1
  event: (service web) has started 1 tasks: (task a7). Amazon ECS replaced 1 tasks due to an unhealthy status.
  why: 4 desired, at least 3 healthy and at most 4 in all: 0 stay (0 healthy), 3 leave, 0 are stopping. 3 more wait for room under the ceiling of 4.
run
  stop a5: Task failed container health checks
  event: (service web) (task a5) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task a5).
  why: 4 desired, at least 3 healthy and at most 4 in all: 1 stay (0 healthy), 3 leave, 0 are stopping. 3 more wait for room under the ceiling of 4. Stops 1 unhealthy, those where there are most first.
