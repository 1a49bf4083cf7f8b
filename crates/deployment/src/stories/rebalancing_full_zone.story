3 hosts in 3 zones; web desired=6 rebalancing
# A zone has an instance, but none that takes these tasks: that is told once, and the service is at rest all the same.
unfit h3
  why: No deployment is primary, so there is nothing to move to.
deploy
  start a1 on h1, a2 on h2, a3 on h1, a4 on h2, a5 on h1, a6 on h2
  deployment a: PRIMARY, 6 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 6 tasks: (task a1) (task a2) (task a3) (task a4) (task a5) (task a6).
  why: 6 desired, at least 6 healthy and at most 12 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
go on
  ...
  no place for 2
  deployment a: PRIMARY, 6 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) is not AZ balanced with 3 tasks in zone-a, 3 tasks in zone-b, 0 tasks in zone-c. AZ Rebalancing in progress.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-c. 1 tasks are to move from zone-b to zone-c.
  no place for 2
  event: (service web) is unable to place a task in zone-c because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. zone-c had no instance for 2 tasks that it lacks; it is tried again. The service is steady.
  again at 06:00:00Z
# Another one is lost and comes back: zones that can are evened out without the one that cannot.
drain h2
  start a7 on h1, a8 on h1, a9 on h1
  event: (service web) has started 3 tasks: (task a7) (task a8) (task a9).
  why: 6 desired, at least 6 healthy and at most 12 in all: 3 stay (3 healthy), 3 leave, 0 are stopping.
go on
  ...
  stop a2 a4 a6: Task stopped because its container instance is draining
  event: (service web) has stopped 3 running tasks: (task a2) (task a4) (task a6).
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 3 leave, 0 are stopping. Stops 3 healthy, those where there are most first.
  ...
  no place for 3
  event: (service web) is not AZ balanced with 6 tasks in zone-a, 0 tasks in zone-c. AZ Rebalancing in progress.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. 3 tasks are to move from zone-a to zone-c.
  no place for 3
  event: (service web) is unable to place a task in zone-c because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. zone-c had no instance for 3 tasks that it lacks; it is tried again. The service is steady.
  again at 06:00:00Z
activate h2
  start a10 on h2, a11 on h2, a12 on h2
  no place for 1
  event: (service web) has started 3 tasks in zone-b to AZ Rebalance: (task a10) (task a11) (task a12).
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. 3 tasks are to move from zone-a to zone-b. zone-c had no instance for 1 tasks that it lacks; it is tried again.
  again at 06:00:00Z
  why: 6 desired, at least 6 healthy and at most 12 in all: 9 stay (6 healthy), 0 leave, 0 are stopping.
go on
  ...
  stop a1 a3 a5: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 3 running tasks in zone-a due to AZ rebalancing: (task a1) (task a3) (task a5).
  why: 6 desired, at least 6 healthy and at most 12 in all: 9 stay (9 healthy), 0 leave, 0 are stopping. Stops 3 healthy, those where there are most first.
  ...
  no place for 2
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. 1 tasks are to move from zone-a to zone-c. 1 tasks are to move from zone-b to zone-c.
  no place for 2
  event: (service web) is unable to place a task in zone-c because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. zone-c had no instance for 2 tasks that it lacks; it is tried again. The service is steady.
  again at 06:00:00Z
# It is told again after a while.
wait 6h
  no place for 2
  event: (service web) is unable to place a task in zone-c because no container instance met all of its requirements. Reason: RESOURCE:CPU. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. zone-c had no instance for 2 tasks that it lacks; it is tried again. The service is steady.
  again at 12:00:00Z
# Once it takes tasks it gets its share.
fit h3
  start a13 on h3, a14 on h3
  event: (service web) has started 2 tasks in zone-c to AZ Rebalance: (task a13) (task a14).
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. zone-c had no instance for 2 tasks that it lacks; it is tried again. The service is steady.
  again at 12:00:00Z
  why: 6 desired, at least 6 healthy and at most 12 in all: 8 stay (6 healthy), 0 leave, 0 are stopping.
go on
  ...
  stop a7 a10: Scaling activity initiated by (deployment a)
  event: (service web) has stopped 1 running tasks in zone-a due to AZ rebalancing: (task a7).
  event: (service web) has stopped 1 running tasks in zone-b due to AZ rebalancing: (task a10).
  why: 6 desired, at least 6 healthy and at most 12 in all: 8 stay (8 healthy), 0 leave, 0 are stopping. Stops 2 healthy, those where there are most first.
  ...
  event: (service web) is AZ balanced with 2 tasks in zone-a, 2 tasks in zone-b, 2 tasks in zone-c.
  event: (service web) has reached a steady state.
  why: 6 desired, at least 6 healthy and at most 12 in all: 6 stay (6 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 12:00:00Z
tasks
  a8 RUNNING on h1
  a9 RUNNING on h1
  a11 RUNNING on h2
  a12 RUNNING on h2
  a13 RUNNING on h3
  a14 RUNNING on h3
