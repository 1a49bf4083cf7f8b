3 hosts; web desired=2
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start b1 on h3, b2 on h1
  deployment b: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task b1) (task b2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
run b1
  stop a1: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) has stopped 1 running tasks: (task a1).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (1 healthy), 2 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
stop-deployment rollback
  stop b2: Scaling activity initiated by (deployment b)
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 1 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS
  event: (service web) stopped 1 pending tasks.
  event: (service web) (deployment b) deployment failed: stopped by a user.
  event: (service web) rolling back to deployment a.
  why: Deployment b has failed; the service goes back to a. 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 2 leave, 1 are stopping. 1 more wait for room under the ceiling of 4. Stops 1 not yet healthy, those where there are most first.
go on
  ...
  start a3 on h1
  event: (service web) has started 1 tasks: (task a3).
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 1 leave, 0 are stopping.
  ...
  stop b1: Scaling activity initiated by (deployment b)
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS
  event: (service web) has stopped 1 running tasks: (task b1).
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 1 leave, 0 are stopping. Stops 1 healthy, those where there are most first.
  ...
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 4 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
deploy
  start c1 on h3, c2 on h1
  deployment c: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task c1) (task c2).
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
stop-deployment
  deployment c: PRIMARY, 2 of its tasks wanted, FAILED, STOPPED
  event: (service web) (deployment c) deployment failed: stopped by a user.
  why: Deployment c has failed and nothing takes over from it: it starts no more tasks. 2 desired, at least 2 healthy and at most 4 in all: 2 stay (0 healthy), 2 leave, 0 are stopping.
fail c1
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (0 healthy), 2 leave, 0 are stopping.
run c2
  why: 2 desired, at least 2 healthy and at most 4 in all: 1 stay (1 healthy), 2 leave, 0 are stopping.
# The user has had enough of it: nothing takes over, and nothing more is started.
fail c2
  why: 2 desired, at least 2 healthy and at most 4 in all: 0 stay (0 healthy), 2 leave, 0 are stopping.
