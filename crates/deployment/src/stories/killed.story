3 hosts; web desired=2 breaker failures=1
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run a1
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 0 leave, 0 are stopping.
# What somebody stops is replaced, and is nobody's failure.
kill a1 a2
  start a3 on h1, a4 on h2
  event: (service web) has started 2 tasks: (task a3) (task a4).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# Failures of a deployment that has completed count for nothing.
wait 1m
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
fail a3
  start a5 on h1
  event: (service web) has started 1 tasks: (task a5).
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 0 leave, 0 are stopping.
go on
  ...
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:01:00Z
