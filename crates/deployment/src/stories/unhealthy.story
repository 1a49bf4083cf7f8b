3 hosts; web desired=3 min=100 max=200 check
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
# A replacement comes first, since there is room for it.
unhealthy a2
  start a4 on h1
  event: (service web) has started 1 tasks: (task a4). Amazon ECS replaced 1 tasks due to an unhealthy status.
  why: 3 desired, at least 3 healthy and at most 6 in all: 2 stay (2 healthy), 1 leave, 0 are stopping.
run
  nothing to do
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (2 healthy), 1 leave, 0 are stopping.
healthy a4
  stop a2: Task failed container health checks
  event: (service web) (task a2) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task a2).
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 1 leave, 0 are stopping. Stops 1 unhealthy, those where there are most first.
gone
  event: (service web) has reached a steady state.
  why: 3 desired, at least 3 healthy and at most 6 in all: 3 stay (3 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
