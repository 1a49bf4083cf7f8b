3 hosts; web desired=2 min=100 max=200 check grace=60s
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (0 healthy), 0 leave, 0 are stopping.
# RUNNING is not enough.
unhealthy a1
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (0 healthy), 0 leave, 0 are stopping.
healthy a2
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 0 leave, 0 are stopping.
  again at 00:01:00Z
wait 30s
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 0 leave, 0 are stopping.
# After the grace period it is replaced.
wait 30s
  start a3 on h3
  event: (service web) has started 1 tasks: (task a3). Amazon ECS replaced 1 tasks due to an unhealthy status.
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 1 leave, 0 are stopping.
go on
  ...
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 1 leave, 0 are stopping.
  ...
  stop a1: Task failed container health checks
  event: (service web) (task a1) failed container health checks.
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 unhealthy, those where there are most first.
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:01:00Z
