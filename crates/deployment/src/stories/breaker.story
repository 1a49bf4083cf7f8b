3 hosts; web desired=2 breaker
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
# Nothing has ever worked: three failures, and no more tasks are started.
fail a1 a2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 2 failed
  why: 2 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping. Tasks of a failed to start 1 times in a row; the next attempt is due at 00:00:05Z.
  again at 00:00:05Z
wait 5s
  start a3 on h1, a4 on h2
  event: (service web) has started 2 tasks: (task a3) (task a4).
  why: 2 tasks failed; 3 failures are too many. 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
fail a3
  deployment a: PRIMARY, 2 of its tasks wanted, FAILED, STOPPED, 3 failed
  event: (service web) (deployment a) deployment failed: tasks failed to start.
  why: 3 tasks failed; 3 failures are too many. Deployment a has failed and nothing takes over from it: it starts no more tasks. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 0 leave, 0 are stopping.
wait 10s
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 0 leave, 0 are stopping.
wait 27m
  nothing to do
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 0 leave, 0 are stopping.
# A new revision starts afresh.
deploy
  start b1 on h1, b2 on h3
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 1 leave, 0 are stopping.
go on
  ...
  stop a4: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, FAILED, STOPPED
  event: (service web) has stopped 1 running tasks: (task a4).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:27:15Z
